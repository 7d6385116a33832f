// From postfix to infix.
#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <unspool/autograd/formula.hpp>
#include <vector>

namespace unspool {

namespace {

enum Strength { comparison = 1, sum = 2, product = 3, sign = 4, atom = 5 };

struct Piece {
    std::string text;
    int         strength;
};

Strength strength_of_infix(std::string_view op) {
    if (op == "<" || op == "<=" || op == ">" || op == ">=") return comparison;
    if (op == "+" || op == "-") return sum;
    return op == "*" || op == "/" ? product : atom;
}

Strength strength_of(Token const& t) {
    std::string_view const op = t.name;
    if (t.arity == 1) return op == "-" ? sign : atom;
    return t.arity == 2 ? strength_of_infix(op) : atom;
}

/// Of a leaf that is itself a formula: that of its weakest operator outside of brackets.
Strength strength_of(std::string_view leaf) {
    Strength out   = leaf.starts_with('-') ? sign : atom;
    int      depth = 0;
    for (std::size_t i = 0; i < leaf.size(); ++i) {
        depth += (leaf[i] == '(' || leaf[i] == '[') - (leaf[i] == ')' || leaf[i] == ']');
        if (depth > 0 || leaf[i] != ' ') continue;
        std::size_t const end = leaf.find(' ', i + 1);
        if (end != leaf.npos) out = std::min(out, strength_of_infix(leaf.substr(i + 1, end - i - 1)));
    }
    return out;
}

std::string in_parentheses_if(bool yes, std::string const& s) { return yes ? "(" + s + ")" : s; }

Piece call(Token const& t, std::span<Piece const> xs) {
    std::string list;
    for (Piece const& x : xs) list += (list.empty() ? "" : ", ") + x.text;
    return {fmt::format("{}({})", t.name, list), atom};
}

Piece prefix(Token const& t, Piece const& a) { return {t.name + in_parentheses_if(a.strength <= sign, a.text), sign}; }

Piece infix(Token const& t, Piece const& a, Piece const& b) {
    Strength const s           = strength_of(t);
    bool const     associative = t.name[0] == '+' || t.name[0] == '*';
    return {fmt::format("{} {} {}", in_parentheses_if(a.strength < s || a.strength == comparison, a.text), t.name,
                        in_parentheses_if(b.strength < s || (b.strength == s && !associative) || b.strength == sign, b.text)),
            s};
}

Piece joined(Token const& t, std::span<Piece const> xs) {
    if (strength_of(t) == atom) return call(t, xs);
    return t.arity == 1 ? prefix(t, xs[0]) : infix(t, xs[0], xs[1]);
}

}  // namespace

std::string as_factor(std::string const& leaf) { return in_parentheses_if(strength_of(leaf) < atom, leaf); }

std::string print(std::span<Token const> tokens, std::span<std::string const> leaves, std::span<double const> numbers) {
    std::vector<Piece> stack;
    for (Token const& t : tokens) {
        if (t.kind == Token::leaf) {
            stack.push_back({leaves.front(), strength_of(leaves.front())});
            leaves = leaves.subspan(1);
        } else if (t.kind == Token::number) {
            stack.push_back({fmt::format("{}", numbers.front()), numbers.front() < 0 ? sign : atom});
            numbers = numbers.subspan(1);
        } else {
            auto const  first = stack.end() - t.arity;
            Piece const whole = joined(t, {first, stack.end()});
            stack.erase(first, stack.end());
            stack.push_back(whole);
        }
    }
    return stack.back().text;
}

}  // namespace unspool
