// Words the errors.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/utf8.hpp>

namespace unspool::core {

Error::Error(std::string_view what) : std::runtime_error(elided(what, 2000)) {}

std::string text(Where w) {
    std::string_view file = w.file;
    return fmt::format("{}:{}", file.substr(file.find_last_of('/') + 1), w.line);
}

std::string located(Where w, std::string_view words) {
    return *w.file ? fmt::format("{}: {}", text(w), words) : std::string(words);
}

std::size_t columns(std::string_view text) {
    std::size_t out = 0;
    utf8::each_character(text, [&](std::string_view, char32_t code) { out += utf8::width(code); });
    return out;
}

std::string describe(Where where, std::string_view op, std::string_view what, std::string_view expected,
                     std::span<Shown const> operands) {
    std::string out = fmt::format("{}: {}: {}", text(where), elided(op, longest_text), what);
    if (!expected.empty()) out += fmt::format("\n    expected  {}", expected);
    std::size_t width = 0;
    for (auto& o : operands) width = std::max(width, o.shape ? columns(o.name) : 0);
    for (auto& o : operands)
        out += o.shape ? fmt::format("\n      {:<{}}  {}", o.name, width, text(*o.shape)) : "\n      " + o.name;
    return out;
}

}  // namespace unspool::core
