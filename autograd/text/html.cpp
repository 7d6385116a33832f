// Escapes, and the frame of a page.
#include <fmt/format.h>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/utf8.hpp>

namespace unspool::core {

namespace {

char const* const page_colours =
    R"(:root { color-scheme: light dark; --paper: #ffffff; --card: #f7f7f8; --ink: #222222;
  --dim: #6a6a6a; --grid: #dddddd; --bad: #c02020; --fine: #1a7a3a; --none: #e8e8e8;
  --curve0: #1f6fb4; --curve1: #d9660a; --curve2: #2a8a2a; --curve3: #8a52b8; --curve4: #8c564b; --curve5: #0a8a96; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171a; --card: #1e2125; --ink: #dddddd; --dim: #9a9da2;
  --grid: #383c42; --bad: #ff7b72; --fine: #6fcf8a; --none: #2a2e33;
  --curve0: #6cb2f5; --curve1: #ffa657; --curve2: #7bd07b; --curve3: #c9a0f0; --curve4: #d0a096; --curve5: #5fd0dc; } }
)";

}  // namespace

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
                       "{}body {{ font: 15px/1.45 Helvetica, Arial, sans-serif; margin: 1.5em auto; max-width: 1200px; "
                       "padding: 0 1em; background: var(--paper); color: var(--ink); }}\n"
                       "h1 {{ font-size: 1.4em; }} h2 {{ font-size: 1.1em; margin-top: 1.6em; }}\n"
                       "table {{ border-collapse: collapse; }} th, td {{ text-align: left; padding: .2em .8em; "
                       "border-bottom: 1px solid var(--grid); }}\n"
                       "math {{ font-size: 1.15em; }} td.n, th.n {{ text-align: right; font-variant-numeric: "
                       "tabular-nums; }} pre {{ background: "
                       "var(--card); padding: .8em; overflow-x: auto; }}\n"
                       ".scroll {{ overflow-x: auto; }} .picture {{ background: #ffffff; }}\n"
                       "{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
                       html_text(title), page_colours, style, body);
}

std::string html_table(std::string const& rows) {
    return "<div class=\"scroll\"><table>\n" + rows + "</table></div>\n";
}

std::string script_data(std::string_view id, std::string_view json) {
    std::string out = fmt::format("<script type=\"application/json\" id=\"{}\">", html_text(id));
    for (char c : json) c == '<' ? out += "\\u003c" : out += c;
    return out + "</script>\n";
}

char const* const make_script = R"(
function make(name, attributes, children) {
  const svg = ['svg', 'g', 'path', 'line', 'text', 'rect', 'polygon', 'circle'].includes(name);
  const e = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
  for (const c of children || []) e.append(c);  // texts stay texts
  return e;
}
)";

}  // namespace unspool::core
