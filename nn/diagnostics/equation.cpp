// Reads formulas by precedence, and writes them.
#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <stdexcept>
#include <unspool/nn/diagnostics/equation.hpp>

namespace unspool {

namespace {

constexpr std::string_view dot     = "·";
constexpr int              deepest = 200;  // operations within operations

struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum Strength { none = 0, comparison = 1, sum = 2, product = 3, matrix = 4, sign = 5, atom = 6 };

Strength strength_of(std::string_view op) {
    if (op == "<" || op == ">" || op == "<=" || op == ">=") return comparison;
    if (op == "+" || op == "-") return sum;
    if (op == "*" || op == "/") return product;
    return op == dot ? matrix : none;
}
Strength strength_of(Equation const& e) {
    return e.kind == Equation::infix ? strength_of(e.word) : e.kind == Equation::prefix ? sign : atom;
}

class Reader {
public:
    explicit Reader(std::string_view s) : s_(s) {}

    Equation whole() {
        Equation const e = expression(comparison);
        if (at_ != s_.size()) throw Unreadable("text after the formula");
        return e;
    }

private:
    Equation expression(int least) {
        if (++depth_ > deepest) throw Unreadable("too deep");
        Equation left = operand();
        for (int height = depth_;;) {
            skip();
            std::string const op       = operator_here();
            int const         strength = strength_of(op);
            if (strength == none || strength < least) break;
            if (++height > deepest) throw Unreadable("too deep");
            at_ += op.size();
            Equation right = expression(strength + 1);
            left           = {Equation::infix, op, {std::move(left), std::move(right)}};
        }
        --depth_;
        return left;
    }

    Equation operand() {
        skip();
        if (take('-')) return {Equation::prefix, "-", {expression(sign)}};
        if (take('(')) {
            Equation e = expression(comparison);
            expect(')');
            return e;
        }
        std::string const word = word_here();
        if (word.empty()) throw Unreadable("an operand is missing");
        if (take('(')) return {Equation::call, word, arguments()};
        return {std::isdigit(static_cast<unsigned char>(word[0])) ? Equation::number : Equation::name, word, {}};
    }

    std::vector<Equation> arguments() {
        std::vector<Equation> out;
        skip();
        if (take(')')) return out;
        do out.push_back(expression(comparison));
        while (skip(), take(','));
        expect(')');
        return out;
    }

    std::string operator_here() const {
        for (std::string_view op : {std::string_view("<="), std::string_view(">="), std::string_view("<"), std::string_view(">"),
                                    std::string_view("+"), std::string_view("-"), std::string_view("*"), std::string_view("/"), dot})
            if (s_.substr(at_).starts_with(op)) return std::string(op);
        return "";
    }

    /// A name, with what was taken of it, "xs[3]"; or a number, "1e-05".
    std::string word_here() {
        std::size_t const begin = at_;
        while (at_ < s_.size() && (in_word(s_[at_]) || exponent_sign(begin)) && !s_.substr(at_).starts_with(dot)) ++at_;
        if (at_ < s_.size() && at_ > begin && s_[at_] == '[') at_ = std::min(s_.find(']', at_), s_.size() - 1) + 1;
        if (s_.substr(at_).starts_with("ᵀ")) at_ += std::string_view("ᵀ").size();
        return std::string(s_.substr(begin, at_ - begin));
    }
    static bool in_word(char c) {
        auto const u = static_cast<unsigned char>(c);
        return std::isalnum(u) || c == '_' || c == '.' || c == '%' || c == ':' || u >= 0x80;
    }
    bool exponent_sign(std::size_t begin) const {
        return (s_[at_] == '-' || s_[at_] == '+') && at_ > begin && s_[at_ - 1] == 'e' &&
               std::isdigit(static_cast<unsigned char>(s_[begin]));
    }

    void skip() {
        while (at_ < s_.size() && s_[at_] == ' ') ++at_;
    }
    bool take(char c) { return at_ < s_.size() && s_[at_] == c && ++at_ > 0; }
    void expect(char c) {
        skip();
        if (!take(c)) throw Unreadable(std::string(1, c) + " is missing");
    }

    std::string_view s_;
    std::size_t      at_    = 0;
    int              depth_ = 0;
};

// ---- Unicode --------------------------------------------------------------------------------------------------------

/// "h0" as "h₀".
std::string subscripted(std::string const& name) {
    std::size_t end = name.size();
    while (end > 0 && std::isdigit(static_cast<unsigned char>(name[end - 1]))) --end;
    bool const plain =
        end > 0 && end < name.size() &&
        std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(end), [](unsigned char c) { return std::isalpha(c); });
    if (!plain) return name;
    std::string out = name.substr(0, end);
    for (std::size_t i = end; i < name.size(); ++i) out += std::string("\xE2\x82") + static_cast<char>(0x80 + (name[i] - '0'));
    return out;
}

std::string in_parentheses_if(bool yes, std::string const& s) { return yes ? "(" + s + ")" : s; }

std::string sign_of(Equation const& e) {
    if (e.word == "*") return e.parts[0].kind == Equation::number || e.parts[1].kind == Equation::number ? " · " : " ⊙ ";
    if (e.word == "<=") return " ≤ ";
    if (e.word == ">=") return " ≥ ";
    if (e.word == "-") return " − ";
    return e.word == dot ? " " : " " + e.word + " ";
}

bool left_needs(Equation const& e) { return strength_of(e.parts[0]) < strength_of(e); }
bool right_needs(Equation const& e) {
    Strength const inner = strength_of(e.parts[1]), outer = strength_of(e);
    bool const     associative = e.word == "+" || (e.word == "*" && e.parts[1].word == "*");
    return inner < outer || inner == sign || (inner == outer && !associative);
}

// ---- LaTeX ----------------------------------------------------------------------------------------------------------

/// As text within \mathrm and its like.
std::string escaped(std::string_view s) {
    std::string out;
    for (char c : s) switch (c) {
            case '_': out += "\\_"; break;
            case '%': out += "\\%"; break;
            case '&': out += "\\&"; break;
            case '#': out += "\\#"; break;
            case '$': out += "\\$"; break;
            case '{': out += "\\{"; break;
            case '}': out += "\\}"; break;
            case '\\': out += "\\backslash{}"; break;
            case '^': out += "\\hat{}"; break;
            case '~': out += "\\sim{}"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    return out;
}

/// "h0" is h with the index 0, "Wf" is W with the index f, and longer words are upright.
std::string latex_name(std::string name) {
    std::string end;
    if (name.ends_with("ᵀ")) name.resize(name.size() - std::string_view("ᵀ").size()), end = "^{\\top}";
    bool const plain  = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c); });
    bool const digits = plain && std::all_of(name.begin() + 1, name.end(), [](unsigned char c) { return std::isdigit(c); });
    if (plain && name.size() == 1) return name + end;
    if (plain && (name.size() == 2 || digits)) return fmt::format("{}_{{{}}}{}", name[0], name.substr(1), end);
    return "\\mathrm{" + escaped(name) + "}" + end;
}

std::string latex_number(std::string const& word) {
    std::size_t const e = word.find('e');
    if (e == word.npos || word.find_first_not_of("0123456789.e+-") != word.npos) return escaped(word);
    return fmt::format("{} \\cdot 10^{{{}}}", word.substr(0, e), std::atoi(word.c_str() + e + 1));
}

std::string in_brackets(std::string const& s) { return "\\left(" + s + "\\right)"; }

std::string latex_call(Equation const& e) {
    static std::map<std::string, std::string> const known{{"sigmoid", "\\sigma"}, {"tanh", "\\tanh"}, {"exp", "\\exp"}, {"log", "\\log"},
                                                          {"sin", "\\sin"},       {"cos", "\\cos"},   {"max", "\\max"}, {"min", "\\min"}};
    std::string                                     list;
    for (auto const& p : e.parts) list += (list.empty() ? "" : ", ") + latex(p);
    if (e.parts.size() == 1 && e.word == "sqrt") return "\\sqrt{" + list + "}";
    if (e.parts.size() == 1 && e.word == "abs") return "\\left|" + list + "\\right|";
    if (e.parts.size() == 1 && e.word == "square")
        return (strength_of(e.parts[0]) < atom || e.parts[0].kind == Equation::call ? in_brackets(list) : "{" + list + "}") + "^{2}";
    auto const found = known.find(e.word);
    return (found == known.end() ? "\\operatorname{" + escaped(e.word) + "}" : found->second) + in_brackets(list);
}

std::string latex_infix(Equation const& e) {
    if (e.word == "/") return "\\frac{" + latex(e.parts[0]) + "}{" + latex(e.parts[1]) + "}";
    auto        part = [](Equation const& p, bool brackets) { return brackets ? in_brackets(latex(p)) : latex(p); };
    std::string sign = e.word;
    if (e.word == "*") sign = e.parts[0].kind == Equation::number || e.parts[1].kind == Equation::number ? "\\cdot" : "\\odot";
    if (e.word == dot) sign = "\\,";
    if (e.word == "<=") sign = "\\le";
    if (e.word == ">=") sign = "\\ge";
    return part(e.parts[0], left_needs(e)) + " " + sign + " " + part(e.parts[1], right_needs(e));
}

}  // namespace

Equation read_equation(std::string_view formula) {
    try {
        return Reader(formula).whole();
    } catch (Unreadable const&) { return {Equation::name, std::string(formula), {}}; }
}

std::string unicode(Equation const& e) {
    switch (e.kind) {
        case Equation::name: return subscripted(e.word);
        case Equation::number: return e.word;
        case Equation::prefix: return "−" + in_parentheses_if(strength_of(e.parts[0]) <= sign, unicode(e.parts[0]));
        case Equation::infix:
            return in_parentheses_if(left_needs(e), unicode(e.parts[0])) + sign_of(e) +
                   in_parentheses_if(right_needs(e), unicode(e.parts[1]));
        case Equation::call: break;
    }
    std::string list;
    for (auto const& p : e.parts) list += (list.empty() ? "" : ", ") + unicode(p);
    return (e.word == "sigmoid" ? "σ" : e.word) + "(" + list + ")";
}

std::string latex(Equation const& e) {
    switch (e.kind) {
        case Equation::name: return latex_name(e.word);
        case Equation::number: return latex_number(e.word);
        case Equation::prefix: return "-" + (strength_of(e.parts[0]) <= sign ? in_brackets(latex(e.parts[0])) : latex(e.parts[0]));
        case Equation::infix: return latex_infix(e);
        case Equation::call: return latex_call(e);
    }
    return "";
}

long operations(Equation const& e) {
    long n = (e.kind == Equation::infix && e.word != dot) || e.kind == Equation::prefix || e.kind == Equation::call;
    for (auto const& p : e.parts) n += operations(p);
    return n;
}

}  // namespace unspool
