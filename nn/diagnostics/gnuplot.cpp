// Another program's work.
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/child_process.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/gnuplot.hpp>

namespace unspool::core {

// In double quotes: in single ones, no quote can come first, and none twice.  Backquotes would run a program.
std::string gnuplot_text(std::string_view s) {
    constexpr std::size_t most = 1000;  // bytes; more than anyone would read
    std::string out            = "\"";
    for (char c : utf8::one_line(s, most)) {
        if (c == '"' || c == '\\' || c == '`') out += '\\';
        if (c == '>' && out.ends_with("]]")) out += ' ';  // gnuplot writes it into XML as it is, where it may not be
        out += c;
    }
    return out + '"';
}

std::string gnuplot_tic(std::string_view s) {
    std::string doubled;
    for (char c : s) doubled.append(c == '%' ? 2 : 1, c);
    return gnuplot_text(doubled);
}

std::string gnuplot_terminal(std::string const& path, Index width, Index height, Where where) {
    auto const end = std::filesystem::path(path).extension();
    if (end == ".svg") return fmt::format("svg noenhanced background '#ffffff' size {},{}", width, height);
    if (end == ".png") return fmt::format("pngcairo noenhanced background '#ffffff' size {},{}", width, height);
    if (end == ".pdf")
        return fmt::format("pdfcairo noenhanced size {:.2f},{:.2f}", static_cast<double>(width) / 96,
                           static_cast<double>(height) / 96);
    throw ValueError(fmt::format("{}: plot: \"{}\" ends neither in .svg nor in .png nor in .pdf", text(where), path));
}

std::string gnuplot(std::string const& program, double seconds) {
    ChildProcess const ran = run_program("gnuplot", {}, program, seconds);
    switch (ran.end) {
        case ChildProcess::not_found:
            throw FileError("there is no gnuplot to draw with: install it (on Debian: apt-get install gnuplot-nox)");
        case ChildProcess::not_started: throw FileError(ran.errors);
        case ChildProcess::stopped: throw FileError(fmt::format("gnuplot took longer than {} s", seconds));
        case ChildProcess::exited: break;
    }
    if (ran.status != 0 || ran.out.empty())
        throw FileError(fmt::format("gnuplot failed: {}", ran.errors.substr(0, 1000)));
    return ran.out;
}

}  // namespace unspool::core
