// Escapes, and the frame of a page.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/html.hpp>

namespace unspool::core {

std::string html_text(std::string_view s) {
    std::string out;
    utf8::each_character(s, [&](std::string_view bytes, char32_t c) {
        if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '&') out += "&amp;";
        else if (c == '"') out += "&quot;";
        else if (c == '\'') out += "&#39;";
        else out += utf8::is_control(c) && c != '\n' ? " " : bytes;
    });
    return out;
}

std::string html_page(std::string_view title, std::string_view style, std::string_view body) {
    return fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                       "'unsafe-inline'; script-src "
                       "'unsafe-inline'\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>\n"
                       "body {{ font: 15px/1.45 Helvetica, Arial, sans-serif; color: #222; margin: 1.5em auto; "
                       "max-width: 1200px; padding: 0 1em; }}\n"
                       "h1 {{ font-size: 1.4em; }} h2 {{ font-size: 1.1em; margin-top: 1.6em; }}\n"
                       "table {{ border-collapse: collapse; }} th, td {{ text-align: left; padding: .2em .8em; "
                       "border-bottom: 1px solid #ddd; }}\n"
                       "td.n, th.n {{ text-align: right; font-variant-numeric: tabular-nums; }} pre {{ background: "
                       "#f6f6f6; padding: .8em; overflow-x: "
                       "auto; }}\n"
                       "{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
                       html_text(title), style, body);
}

std::string script_data(std::string_view id, std::string_view json) {
    std::string out = fmt::format("<script type=\"application/json\" id=\"{}\">", html_text(id));
    for (char c : json) c == '<' ? out += "\\u003c" : out += c;
    return out + "</script>\n";
}

std::string svg_element(std::string const& dot_source, double limit) {
    Rendered const drawn = rendered(dot_source, "svg", limit);
    if (!drawn.complaint.empty()) throw FileError("cannot draw a page's picture: " + drawn.complaint);
    std::size_t const begin = drawn.picture.find("<svg");  // behind what makes it a file of its own
    if (begin == drawn.picture.npos) throw FileError("dot drew no picture");
    return drawn.picture.substr(begin);
}

}  // namespace unspool::core
