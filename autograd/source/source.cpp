// A small reader of C++, by characters.  Only pictures and errors ask, so nothing here is fast, but it asks each line once.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <unspool/autograd/source/code.hpp>
#include <unspool/autograd/source/lexis.hpp>
#include <unspool/autograd/source/source.hpp>
#include <unspool/autograd/system/fork.hpp>

namespace unspool::core {

using namespace lexis;

namespace {

/// `split` of `ops::split<4>`.
std::string callee(std::string_view before) {
    before = trimmed(before);
    if (!before.empty() && before.back() == '>') before = trimmed(before.substr(0, before.rfind('<')));
    return std::string(last_word(before));
}

/// The expression without `.named(…)` after it.
std::string_view without_naming(std::string_view s) {
    for (;;) {
        std::size_t const open = s.rfind('(');
        if (open == s.npos || s.find(')', open) != s.size() - 1) return s;
        std::string_view before = trimmed(s.substr(0, open));
        if (last_word(before) != "named") return s;
        before = trimmed(before.substr(0, before.rfind("named")));
        if (!before.ends_with('.')) return s;
        s = trimmed(before.substr(0, before.size() - 1));
    }
}

std::size_t equals_sign(std::string_view s) {
    std::size_t found = std::string_view::npos;
    each_at_depth(s, [&](std::size_t i, int depth) {
        bool const sign = depth == 0 && s[i] == '=' && i > 0 && !std::strchr("=<>!+-*/%&|^", s[i - 1]) &&
                          (i + 1 == s.size() || s[i + 1] != '=');
        if (sign) found = i;
        return sign;
    });
    return found;
}

/// The names in `auto [a, b]`.
std::vector<std::string> bound_names(std::string_view left) {
    std::size_t const open = left.rfind('[');
    std::vector<std::string> out;
    bool automatic = false, other = false;
    each_word(left.substr(0, open),
              [&](std::string_view word) { (word == "auto" ? automatic : other) |= word != "const"; });
    if (open != left.npos && automatic && !other)
        each_word(left.substr(open), [&](std::string_view word) { out.emplace_back(word); });
    return out;
}

/// The variable, or member of one, at the end: "state.h" of `auto& state.h`, "h" of `this->h`.
std::vector<std::string> assigned_names(std::string_view left) {
    if (left.ends_with(']')) return bound_names(left);
    std::size_t begin = left.size();
    for (bool member = true; member;) {
        std::string_view const word = last_word(left.substr(0, begin));
        if (!is_name(word)) return {};
        begin -= word.size();
        std::string_view const before = trimmed(left.substr(0, begin));
        std::size_t const sign        = before.ends_with("->") ? 2 : before.ends_with('.') ? 1 : 0;
        member                        = sign > 0;
        if (member) begin = trimmed(before.substr(0, before.size() - sign)).size();
    }
    if (begin > 0 && !is_space(left[begin - 1]) && left[begin - 1] != '&' && left[begin - 1] != '*') return {};
    std::string_view name = left.substr(begin);
    if (first_word(name) == "this" && trimmed(name.substr(4)).starts_with("->"))
        name = trimmed(name.substr(name.find("->") + 2));
    return {std::string(name)};
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

/// What is between the brackets of a call, but for `Where::here()`; null where it is none.
std::optional<std::string> arguments_of(std::string_view right) {
    right = without_naming(trimmed(right));
    if (right.empty() || right.back() != ')') return {};
    std::size_t const open = matching(right, right.size() - 1);
    if (open == std::string_view::npos) return {};
    std::string out(right.substr(open + 1, right.size() - open - 2));
    constexpr std::string_view here = "Where::here()";
    for (std::size_t at; (at = out.find(here)) != out.npos;) out.erase(at, here.size());
    return out;
}

/// No call, no operator, and no bracket but that of `xs[t]`?
bool computes_nothing(std::string_view arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i)
        if (std::strchr("(+-*/", arguments[i]) || (arguments[i] == '[' && (i == 0 || !is_word(arguments[i - 1]))))
            return false;
    return true;
}

Assignment assignment(std::vector<std::string> names, std::string_view right) {
    Assignment out{std::move(names), std::string(right), head_of(right)};
    out.once = occurs_once(out.head, right);
    if (auto const arguments = arguments_of(right))
        out.arguments = *arguments, out.plain = computes_nothing(*arguments);
    return out;
}

/// `b = c`: another variable of a declaration?
bool is_declarator(std::string_view s) {
    s = trimmed(s);
    if (s.starts_with('*') || s.starts_with('&')) s.remove_prefix(1);
    std::string_view const word = first_word(s), rest = trimmed(s.substr(word.size()));
    return is_name(word) && rest.size() > 1 && rest[0] == '=' && rest[1] != '=';
}

/// Where `= a, b = c` goes on to the next variable; the end if it does not.
std::size_t end_of_declarator(std::string_view right) {
    std::size_t end = right.size();
    each_at_depth(right, [&](std::size_t i, int depth) {
        if (depth == 0 && right[i] == ',' && is_declarator(right.substr(i + 1))) end = i;
        return end == i;
    });
    return end;
}

/// `Var h(a * b)`; what it does not understand assigns nothing.
Assignment construction(std::string_view s) {
    std::string_view rest = s;
    auto const skip       = [&](std::string_view word) {
        bool const there = first_word(rest) == word;
        if (there) rest = trimmed(rest.substr(word.size()));
        return there;
    };
    skip("const");
    bool const var = skip("Var");
    skip("const");
    std::string_view const name = first_word(rest);
    rest                        = trimmed(rest.substr(name.size()));
    bool const made =
        var && is_name(name) && rest.size() > 1 && std::strchr("({", rest.front()) && std::strchr(")}", rest.back());
    return made ? assignment({std::string(name)}, rest.substr(1, rest.size() - 2)) : assignment({}, s);
}

/// `a` and `b` of `c ? a : b`, or the whole.
std::vector<std::string_view> alternatives(std::string_view right) {
    std::size_t question = right.npos, colon = right.npos;
    each_at_depth(right, [&](std::size_t i, int depth) {
        if (depth == 0 && right[i] == '?' && question == right.npos) question = i;
        bool const alone = i > 0 && right[i - 1] != ':' && (i + 1 == right.size() || right[i + 1] != ':');
        if (depth == 0 && right[i] == ':' && alone && question != right.npos) colon = i;
        return colon != right.npos;
    });
    if (colon == right.npos) return {right};
    std::vector<std::string_view> out = alternatives(right.substr(colon + 1));
    out.insert(out.begin(), right.substr(question + 1, colon - question - 1));
    return out;
}

/// What one statement assigns: usually one thing.
void read(std::string_view text, std::vector<Assignment>& out) {
    std::string_view const s = without_control(trimmed(text)), word = first_word(s);
    if (word == "return" || word == "co_return") return out.push_back(assignment({}, s.substr(word.size())));
    if (equals_sign(s) == std::string::npos) return out.push_back(construction(s));
    for (std::string_view rest = s; !rest.empty();) {
        std::size_t const sign = equals_sign(rest), end = end_of_declarator(rest.substr(sign + 1));
        auto const branches = alternatives(rest.substr(sign + 1, end));
        for (std::string_view right : branches) {
            out.push_back(assignment(assigned_names(trimmed(rest.substr(0, sign))), right));
            out.back().perhaps = branches.size() > 1 || s.data() != trimmed(text).data();
        }
        rest = rest.substr(std::min(rest.size(), sign + 1 + end + 1));
    }
}

struct File {
    std::string text;
    std::vector<std::size_t> lines;  // where each begins
    std::vector<CodeStatement> statements;
    std::map<unsigned, std::vector<Assignment>> asked;

    explicit File(char const* path) {
        std::ifstream in(path);
        text = without_comments({std::istreambuf_iterator<char>(in), {}});
        for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size()) + 1)
            lines.push_back(at);
        statements = statements_of(text);
    }
    /// The statements on a line, as a range of numbers.
    std::pair<std::size_t, std::size_t> on(unsigned line) const {
        if (line < 1 || line > lines.size()) return {0, 0};
        std::size_t const begin = lines[line - 1], end = line < lines.size() ? lines[line] : text.size();
        auto const first =
            std::partition_point(statements.begin(), statements.end(), [&](auto& s) { return s.end <= begin; });
        auto const last = std::partition_point(first, statements.end(), [&](auto& s) { return code_begin(s) < end; });
        return {static_cast<std::size_t>(first - statements.begin()),
                static_cast<std::size_t>(last - statements.begin())};
    }
    std::size_t code_begin(CodeStatement const& s) const {
        return std::min(text.find_first_not_of(" \t\r\n", s.begin), s.end);
    }
};

std::recursive_mutex reading;
[[maybe_unused]] int const held = hold_across_forks<reading>();

File& file(char const* path) {
    static std::map<std::string, File> files;
    auto const it = files.find(path);
    return it != files.end() ? it->second : files.emplace(path, File(path)).first->second;
}

}  // namespace

std::string head_of(std::string_view expression) {
    constexpr int deepest = 64;  // brackets around all of it
    std::string_view s    = expression;
    for (int depth = 0; depth < deepest; ++depth) {
        s = without_naming(trimmed(s));
        if (s.empty() || s.front() == '{') return "";
        if (std::size_t const i = last_operator(s, "+-"); i != std::string_view::npos) return std::string(1, s[i]);
        if (std::size_t const i = last_operator(s, "*/"); i != std::string_view::npos) return std::string(1, s[i]);
        if (s.front() == '-') return "-";
        if (s.back() != ')' && s.back() != '}' && s.back() != ']') return "";
        std::size_t const open = matching(s, s.size() - 1);
        if (open == std::string_view::npos) return "";
        if (s.back() == ']') return open > 0 ? "[]" : "";
        std::string const name = callee(s.substr(0, open));
        if (name.empty() ? open > 0 : name != "Var") return name;
        s = s.substr(open + 1, s.size() - open - 2);
    }
    return "";
}

std::vector<std::string> calls_in(std::string_view expression) {
    std::vector<std::string> out;
    for (std::size_t i = 1; i < expression.size(); ++i)
        if (expression[i] == '(')
            if (std::string const name = callee(expression.substr(0, i)); !name.empty()) out.push_back(name);
    return out;
}
std::size_t times(std::string const& head, std::string_view expression) {
    return head.empty() ? 0 : lexis::occurrences(head, expression);
}

std::vector<Assignment> const& assignments(Where w) {
    std::lock_guard const guard(reading);
    File& f = file(w.file);
    if (auto const known = f.asked.find(w.line); known != f.asked.end()) return known->second;
    std::vector<Assignment> found;
    auto const [first, last] = f.on(w.line);
    for (std::size_t i = first; i < last; ++i)
        read(std::string_view(f.text).substr(f.statements[i].begin, f.statements[i].end - f.statements[i].begin),
             found);
    return f.asked.emplace(w.line, std::move(found)).first->second;
}

bool same_statement(Where a, Where b) {
    if (std::strcmp(a.file, b.file) != 0) return false;
    if (a.line == b.line) return true;
    std::lock_guard const guard(reading);
    File const& f = file(a.file);
    auto const x = f.on(a.line), y = f.on(b.line);
    return std::max(x.first, y.first) < std::min(x.second, y.second);
}

}  // namespace unspool::core
