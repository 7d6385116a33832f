// A small reader of C++, by characters.  Only pictures and errors ask, so nothing here is fast, but it asks each line once.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <regex>
#include <unspool/autograd/source.hpp>

namespace unspool {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string_view trimmed(std::string_view s) {
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
}

// ---- a file without comments and the contents of strings ------------------------------------------------------------

void blank(std::string& s, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < std::min(end, s.size()); ++i)
        if (s[i] != '\n') s[i] = ' ';
}

/// The end of a string or character literal that begins at `i`.
std::size_t end_of_literal(std::string const& s, std::size_t i) {
    if (i > 0 && s[i - 1] == 'R' && s[i] == '"') {
        std::size_t const open = s.find('(', i);
        if (open == std::string::npos) return s.size();
        std::size_t const close = s.find(")" + s.substr(i + 1, open - i - 1) + "\"", open);
        return close == std::string::npos ? s.size() : close + (open - i) + 1;
    }
    for (std::size_t j = i + 1; j < s.size() && s[j] != '\n'; ++j) {
        if (s[j] == '\\') ++j;
        else if (s[j] == s[i]) return j + 1;
    }
    return s.find('\n', i);
}

std::string without_comments(std::string s) {
    for (std::size_t i = 0; i < s.size();) {
        std::size_t end = i + 1;
        if (s.compare(i, 2, "//") == 0) blank(s, i, end = std::min(s.find('\n', i), s.size()));
        else if (s.compare(i, 2, "/*") == 0) blank(s, i, end = std::min(s.find("*/", i + 2), s.size() - 2) + 2);
        else if (s[i] == '"' || (s[i] == '\'' && (i == 0 || !is_word(s[i - 1])))) {
            end = std::min(end_of_literal(s, i), s.size());
            blank(s, i + 1, end - 1);
        } else if (s[i] == '#' && trimmed(std::string_view(s).substr(0, i).substr(s.rfind('\n', i) + 1)).empty())
            blank(s, i, end = std::min(s.find('\n', i), s.size()));
        i = end;
    }
    return s;
}

// ---- statements -----------------------------------------------------------------------------------------------------

/// Does the brace after `before` begin a block, rather than a list of values?
bool opens_block(std::string_view before) {
    static std::regex const keyword(
        R"((\b(else|do|try|const|noexcept|mutable|override|final)|->\s*[\w:<>&* ]+|\b(struct|class|namespace|enum|union)\b[^;]*)$)");
    before = trimmed(before);
    if (before.empty() || std::strchr(")];{}:", before.back())) return true;
    before = before.substr(before.find_last_of(";{}") + 1);
    return std::regex_search(before.begin(), before.end(), keyword);
}

struct Statement {
    std::size_t begin, end;
};

std::vector<Statement> statements_of(std::string const& s) {
    std::vector<Statement> out;
    std::vector<bool>      blocks;  // of the braces that are open: do they hold statements?
    std::size_t            begin = 0;
    auto                   cut   = [&](std::size_t at) {
        if (!trimmed(std::string_view(s).substr(begin, at - begin)).empty()) out.push_back({begin, at});
        begin = at + 1;
    };
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == ';') cut(i);
        if (s[i] == '{') {
            blocks.push_back(opens_block(std::string_view(s).substr(begin, i - begin)));
            if (blocks.back()) cut(i);
        } else if (s[i] == '}' && !blocks.empty()) {
            if (blocks.back()) cut(i);
            blocks.pop_back();
        }
    }
    cut(s.size());
    return out;
}

// ---- one statement --------------------------------------------------------------------------------------------------

/// Calls f(i, depth) for every character that is not within a nested bracket deeper than `depth` says; stops where f says so.
template <class F> void each_at_depth(std::string_view s, F&& f) {
    int depth = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (std::strchr(")]}", s[i])) --depth;
        if (f(i, depth)) return;
        if (std::strchr("([{", s[i])) ++depth;
    }
}

std::size_t matching(std::string_view s, std::size_t close) {
    int depth = 0;
    for (std::size_t i = close + 1; i-- > 0;) {
        depth += std::strchr(")]}", s[i]) ? 1 : std::strchr("([{", s[i]) ? -1 : 0;
        if (depth == 0) return i;
    }
    return std::string_view::npos;
}

/// Is the sign at `i` between two operands?
bool is_binary(std::string_view s, std::size_t i) {
    std::string_view const before = trimmed(s.substr(0, i));
    if (before.empty() || !(is_word(before.back()) || std::strchr(")]}\"", before.back()))) return false;
    if (i + 1 < s.size() && (s[i + 1] == '>' || s[i + 1] == '=')) return false;
    bool const exponent = (before.back() == 'e' || before.back() == 'E') && before.size() == i && before.size() > 1 &&
                          (std::isdigit(static_cast<unsigned char>(before[before.size() - 2])) || before[before.size() - 2] == '.');
    return !exponent;
}

std::size_t last_operator(std::string_view s, char const* which) {
    std::size_t found = std::string_view::npos;
    each_at_depth(s, [&](std::size_t i, int depth) {
        if (depth == 0 && std::strchr(which, s[i]) && is_binary(s, i)) found = i;
        return false;
    });
    return found;
}

/// `split` of `ops::split<4>`.
std::string callee(std::string_view before) {
    before = trimmed(before);
    if (!before.empty() && before.back() == '>') before = trimmed(before.substr(0, before.rfind('<')));
    std::size_t i = before.size();
    while (i > 0 && is_word(before[i - 1])) --i;
    return std::string(before.substr(i));
}

/// The end of the expression without `.named(…)` after it.
std::string_view without_naming(std::string_view s) {
    static std::regex const naming(R"(\.\s*named\s*\([^()]*\)$)");
    std::cmatch             m;
    while (std::regex_search(s.data(), s.data() + s.size(), m, naming)) s = trimmed(s.substr(0, static_cast<std::size_t>(m.position())));
    return s;
}

std::string_view without_control(std::string_view s) {
    static std::regex const control(
        R"(^(?:(?:else|do|for|if|while|switch|constexpr)\b|(?:case\b[^:]*|default|public|private|protected)\s*:)\s*)");
    std::cmatch m;
    for (;;) {
        std::size_t unbalanced = std::string_view::npos;  // the end of what a `for (…; …` began
        each_at_depth(s, [&](std::size_t i, int depth) {
            if (depth < 0) unbalanced = i;
            return depth < 0;
        });
        if (unbalanced != std::string_view::npos) s = trimmed(s.substr(unbalanced + 1));
        else if (std::regex_search(s.data(), s.data() + s.size(), m, control)) {
            s = trimmed(s.substr(static_cast<std::size_t>(m.length())));
            if (s.empty() || s.front() != '(') continue;
            std::size_t end = 0;
            each_at_depth(s, [&](std::size_t i, int depth) {
                end = i;
                return depth == 0 && s[i] == ')';
            });
            s = trimmed(s.substr(end + 1));
        } else return s;
    }
}

std::size_t equals_sign(std::string_view s) {
    std::size_t found = std::string_view::npos;
    each_at_depth(s, [&](std::size_t i, int depth) {
        bool const sign =
            depth == 0 && s[i] == '=' && i > 0 && !std::strchr("=<>!+-*/%&|^", s[i - 1]) && (i + 1 == s.size() || s[i + 1] != '=');
        if (sign) found = i;
        return sign;
    });
    return found;
}

std::vector<std::string> all_words(std::string const& s) {
    static std::regex const word(R"([A-Za-z_\x80-\xff][\w\x80-\xff]*)");
    return {std::sregex_token_iterator(s.begin(), s.end(), word), {}};
}

std::vector<std::string> assigned_names(std::string const& left) {
    static std::regex const binding(R"(^(?:const\s+)?auto\s*(?:const)?\s*&{0,2}\s*\[([^\]]*)\]$)");
    static std::regex const variable(
        R"((?:^|[\s&*])(?:this\s*->\s*)?((?:[A-Za-z_\x80-\xff][\w\x80-\xff]*\s*(?:\.|->)\s*)*[A-Za-z_\x80-\xff][\w\x80-\xff]*)$)");
    std::smatch m;
    if (std::regex_search(left, m, binding)) return all_words(m[1].str());
    return std::regex_search(left, m, variable) ? std::vector{m[1].str()} : std::vector<std::string>{};
}

std::size_t occurrences(std::string const& head, std::string_view s) {
    std::size_t n = 0;
    if (!is_word(head[0])) {
        for (std::size_t i = 0; i < s.size(); ++i) n += s[i] == head[0] && (head == "[]" || is_binary(s, i));
        return n;
    }
    for (std::size_t i = s.find(head); i != std::string_view::npos; i = s.find(head, i + 1))
        n += (i == 0 || !is_word(s[i - 1])) && (i + head.size() == s.size() || !is_word(s[i + head.size()]));
    return n;
}

bool occurs_once(std::string const& head, std::string_view right) {
    if (head.empty()) return false;
    if (is_word(head[0]) || head == "[]") return occurrences(head, right) == 1;
    std::size_t outermost = 0;
    each_at_depth(right, [&](std::size_t i, int depth) {
        outermost += depth == 0 && right[i] == head[0] && is_binary(right, i);
        return false;
    });
    return occurrences(head, right) == outermost;
}

/// A call whose arguments hold no other call, and no operator.
bool is_plain_call(std::string_view right) {
    right = without_naming(trimmed(right));
    if (right.empty() || right.back() != ')') return false;
    std::size_t const open = matching(right, right.size() - 1);
    return open != std::string_view::npos &&
           right.substr(open + 1, right.size() - open - 2).find_first_of("(+-*/[") == std::string_view::npos;
}

Assignment assignment(std::vector<std::string> names, std::string_view right) {
    Assignment out{std::move(names), std::string(right), head_of(right)};
    out.once  = occurs_once(out.head, right);
    out.plain = is_plain_call(right);
    return out;
}

/// Where `= a, b = c` goes on to the next variable; the end if it does not.
std::size_t end_of_declarator(std::string_view right) {
    static std::regex const another(R"(^\s*[*&]?[A-Za-z_\x80-\xff][\w\x80-\xff]*\s*=[^=])");
    std::size_t             end = right.size();
    each_at_depth(right, [&](std::size_t i, int depth) {
        if (depth == 0 && right[i] == ',' && std::regex_search(right.data() + i + 1, right.data() + right.size(), another)) end = i;
        return end == i;
    });
    return end;
}

/// What one statement assigns: usually one thing.
void read(std::string_view text, std::vector<Assignment>& out) {
    static std::regex const returned(R"(^(co_)?return\b)"),
        constructed(R"(^(?:const\s+)?Var\s+(?:const\s+)?([A-Za-z_]\w*)\s*[({](.*)[)}]$)");
    std::string const s(without_control(trimmed(text)));
    std::smatch       m;
    if (std::regex_search(s, m, returned)) return out.push_back(assignment({}, m.suffix().str()));
    if (equals_sign(s) == std::string::npos) {
        bool const made = std::regex_match(s, m, constructed);
        return out.push_back(made ? assignment({m[1].str()}, m[2].str()) : assignment({}, s));
    }
    for (std::string_view rest = s; !rest.empty();) {
        std::size_t const sign = equals_sign(rest), end = end_of_declarator(rest.substr(sign + 1));
        out.push_back(assignment(assigned_names(std::string(trimmed(rest.substr(0, sign)))), rest.substr(sign + 1, end)));
        rest = rest.substr(std::min(rest.size(), sign + 1 + end + 1));
    }
}

// ---- files ----------------------------------------------------------------------------------------------------------

struct File {
    std::string                                 text;
    std::vector<std::size_t>                    lines;  // where each begins
    std::vector<Statement>                      statements;
    std::map<unsigned, std::vector<Assignment>> asked;

    explicit File(char const* path) {
        std::ifstream in(path);
        text = without_comments({std::istreambuf_iterator<char>(in), {}});
        for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size()) + 1) lines.push_back(at);
        statements = statements_of(text);
    }
    /// The statements on a line, as a range of numbers.
    std::pair<std::size_t, std::size_t> on(unsigned line) const {
        if (line < 1 || line > lines.size()) return {0, 0};
        std::size_t const begin = lines[line - 1], end = line < lines.size() ? lines[line] : text.size();
        auto const        first = std::partition_point(statements.begin(), statements.end(), [&](auto& s) { return s.end <= begin; });
        auto const        last  = std::partition_point(first, statements.end(), [&](auto& s) { return code_begin(s) < end; });
        return {static_cast<std::size_t>(first - statements.begin()), static_cast<std::size_t>(last - statements.begin())};
    }
    std::size_t code_begin(Statement const& s) const { return std::min(text.find_first_not_of(" \t\r\n", s.begin), s.end); }
};

std::recursive_mutex reading;

File& file(char const* path) {
    static std::map<std::string, File> files;
    auto const                         it = files.find(path);
    return it != files.end() ? it->second : files.emplace(path, File(path)).first->second;
}

}  // namespace

std::string head_of(std::string_view expression) {
    std::string_view s = without_naming(trimmed(expression));
    if (s.empty() || s.front() == '{') return "";
    if (std::size_t const i = last_operator(s, "+-"); i != std::string_view::npos) return std::string(1, s[i]);
    if (std::size_t const i = last_operator(s, "*/"); i != std::string_view::npos) return std::string(1, s[i]);
    if (s.front() == '-') return "-";
    if (s.back() != ')' && s.back() != '}' && s.back() != ']') return "";
    std::size_t const open = matching(s, s.size() - 1);
    if (open == std::string_view::npos) return "";
    if (s.back() == ']') return open > 0 ? "[]" : "";
    std::string const name = callee(s.substr(0, open));
    if (name.empty() ? open == 0 : name == "Var") return head_of(s.substr(open + 1, s.size() - open - 2));
    return name;
}

std::vector<Assignment> const& assignments(Where w) {
    std::lock_guard const guard(reading);
    File&                 f  = file(w.file);
    auto const [it, fresh]   = f.asked.try_emplace(w.line);
    auto const [first, last] = f.on(w.line);
    for (std::size_t i = first; fresh && i < last; ++i)
        read(std::string_view(f.text).substr(f.statements[i].begin, f.statements[i].end - f.statements[i].begin), it->second);
    return it->second;
}

bool same_statement(Where a, Where b) {
    if (std::strcmp(a.file, b.file) != 0) return false;
    if (a.line == b.line) return true;
    std::lock_guard const guard(reading);
    File const&           f = file(a.file);
    auto const            x = f.on(a.line), y = f.on(b.line);
    return std::max(x.first, y.first) < std::min(x.second, y.second);
}

}  // namespace unspool
