// Escapes, shortens and breaks text.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/picture/markup.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/utf8.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t longest = 600;  // bytes of any text

/// U+FFFE and U+FFFF are no characters, and no XML may hold them.
bool not_xml(std::string_view c) { return c == "\xEF\xBF\xBE" || c == "\xEF\xBF\xBF"; }

/// Control characters as C++ would write them, and what is not UTF-8 as U+FFFD.
std::string printable(std::string_view s) {
    std::string out;
    while (!s.empty()) {
        std::size_t const n   = utf8::first(s).length;
        unsigned char const c = static_cast<unsigned char>(s[0]);
        if (n == 0 || not_xml(s.substr(0, n))) out += "\xEF\xBF\xBD";
        else if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (c < 0x20 || c == 0x7F) out += fmt::format("\\x{:02x}", c);
        else out += s.substr(0, n);
        s.remove_prefix(std::max<std::size_t>(n, 1));
    }
    return out;
}

}  // namespace

/// dot takes \N, \G and their like for itself.
std::string html(std::string_view s) {
    std::string out;
    for (char c : printable(elided(s, longest))) switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            case '[': out += "&#91;"; break;
            case ']': out += "&#93;"; break;
            case '\\': out += "\\\\"; break;
            default: out += c;
        }
    return out;
}

namespace {

/// Entities are read as in HTML.
std::string quotable(std::string_view s, int readings) {
    std::string out;
    for (char c : printable(elided(s, longest))) {
        if (c == '"') out += "&quot;";
        else if (c == '&') out += "&amp;";
        else if (c == '\\') out.append(std::size_t{1} << readings, '\\');
        else out += c;
    }
    return out;
}

}  // namespace

std::string attribute(std::string_view s, int readings) { return "\"" + quotable(s, readings) + "\""; }

std::string tooltip(std::string_view s) {
    std::string out;
    for (std::size_t i = 0, end = 0; i <= s.size(); i = end + 1) {
        end = std::min(s.find('\n', i), s.size());
        out += (i > 0 ? "&#10;" : "") + quotable(s.substr(i, end - i), 2);
    }
    return "\"" + out + "\"";
}

std::vector<std::string> lines_of(std::string_view before, Printed const& equation, std::size_t line_length) {
    std::string const s = std::string(before) + equation.text;
    auto const begin_of = [&](auto next) {
        return next == equation.breaks.end() ? s.size() : before.size() + next->at;
    };
    auto const more_willing = [](Printed::Break const& a, Printed::Break const& b) {
        return std::pair(-a.depth, a.worth) >= std::pair(-b.depth, b.worth);
    };
    std::vector<std::string> out;
    std::size_t begin = 0, length = 0;  // of the line; characters so far
    auto next = equation.breaks.begin(), best = equation.breaks.end();
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (i == begin_of(next)) {
            if (best == equation.breaks.end() || more_willing(*next, *best)) best = next;
            ++next;
        }
        length += (static_cast<unsigned char>(s[i]) & 0xC0) != 0x80;
        if (length <= line_length || best == equation.breaks.end()) continue;
        out.push_back(s.substr(begin, begin_of(best) - begin));
        i = begin_of(best), begin = i + 1, length = 2;
        next = best + 1, best = equation.breaks.end();
    }
    out.push_back(s.substr(begin));
    return out;
}

}  // namespace unspool::core
