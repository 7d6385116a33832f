// Escapes, shortens and breaks text.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/elided.hpp>
#include <unspool/autograd/markup.hpp>
#include <unspool/autograd/utf8.hpp>

namespace unspool {

namespace {

constexpr std::size_t longest = 600;  // bytes of any text

/// U+FFFE and U+FFFF are no characters, and no XML may hold them.
bool not_xml(std::string_view c) { return c == "\xEF\xBF\xBE" || c == "\xEF\xBF\xBF"; }

/// Control characters as C++ would write them, and what is not UTF-8 as U+FFFD.
std::string printable(std::string_view s) {
    std::string out;
    while (!s.empty()) {
        std::size_t const   n = utf8::first(s).length;
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

namespace {

/// How willingly an equation is broken at this space, before an operator or after a comma: at sums most; -1: not at all.
int is_break(std::string_view s, std::size_t i) {
    if (s[i] != ' ' || i == 0) return -1;
    if (s[i - 1] == ',') return 1;
    if (i + 2 >= s.size() || s[i + 2] != ' ') return -1;
    return s[i + 1] == '+' || s[i + 1] == '-' ? 2 : s[i + 1] == '*' || s[i + 1] == '/' ? 0 : -1;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view s, std::size_t line_length) {
    std::vector<std::string> out;
    std::size_t              length = 0, best = 0;  // characters so far; where to break
    int                      depth = 0;
    std::pair<int, int>      worth{-99, -1};  // of that place: near the outside, then at sums
    for (std::size_t i = 0; i < s.size(); ++i) {
        depth += (s[i] == '(' || s[i] == '[') - (s[i] == ')' || s[i] == ']');
        std::pair const here{-depth, is_break(s, i)};
        if (here.second >= 0 && (best == 0 || here >= worth)) best = i, worth = here;
        length += (static_cast<unsigned char>(s[i]) & 0xC0) != 0x80;
        if (length <= line_length || best == 0) continue;
        out.emplace_back(s.substr(0, best));
        s.remove_prefix(best + 1);
        i      = static_cast<std::size_t>(-1);
        length = 2, best = 0, depth = -worth.first;
    }
    out.emplace_back(s);
    return out;
}

}  // namespace unspool
