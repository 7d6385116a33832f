// From postfix to infix.
#include <fmt/format.h>
#include <string_view>
#include <unspool/autograd/formula.hpp>
#include <vector>

namespace unspool {

namespace {

enum Strength { sum = 1, product = 2, sign = 3, atom = 4 };

struct Piece {
    std::string text;
    int         strength;
};

Strength strength_of(Token const& t) {
    std::string_view const op = t.name;
    if (t.arity == 1) return op == "-" ? sign : atom;
    if (op == "+" || op == "-") return sum;
    return op == "*" || op == "/" ? product : atom;
}

/// Of a leaf that is itself a formula: that of its weakest operator outside of brackets.
Strength strength_of(std::string_view leaf) {
    Strength out   = leaf.starts_with('-') ? sign : atom;
    int      depth = 0;
    for (std::size_t i = 0; i < leaf.size(); ++i) {
        depth += (leaf[i] == '(' || leaf[i] == '[') - (leaf[i] == ')' || leaf[i] == ']');
        if (depth > 0 || leaf[i] != ' ' || i + 2 >= leaf.size() || leaf[i + 2] != ' ') continue;
        if (leaf[i + 1] == '+' || leaf[i + 1] == '-') return sum;
        if (leaf[i + 1] == '*' || leaf[i + 1] == '/') out = product;
    }
    return out;
}

std::string in_parentheses_if(bool yes, std::string const& s) { return yes ? "(" + s + ")" : s; }

Piece unary(Token const& t, Piece const& a) {
    if (strength_of(t) == atom) return {fmt::format("{}({})", t.name, a.text), atom};
    return {t.name + in_parentheses_if(a.strength <= sign, a.text), sign};
}

Piece binary(Token const& t, Piece const& a, Piece const& b) {
    Strength const s = strength_of(t);
    if (s == atom) return {fmt::format("{}({}, {})", t.name, a.text, b.text), atom};
    bool const associative = t.name[0] == '+' || t.name[0] == '*';
    return {fmt::format("{} {} {}", in_parentheses_if(a.strength < s, a.text), t.name,
                        in_parentheses_if(b.strength < s || (b.strength == s && !associative) || b.strength == sign, b.text)),
            s};
}

}  // namespace

std::string as_factor(std::string const& leaf) { return in_parentheses_if(strength_of(leaf) < atom, leaf); }

std::string print(std::span<Token const> tokens, std::span<std::string const> leaves, std::span<double const> numbers) {
    std::vector<Piece> stack;
    auto               pop = [&] {
        Piece p = std::move(stack.back());
        stack.pop_back();
        return p;
    };
    for (Token const& t : tokens) {
        if (t.kind == Token::leaf) {
            stack.push_back({leaves.front(), strength_of(leaves.front())});
            leaves = leaves.subspan(1);
        } else if (t.kind == Token::number) {
            stack.push_back({fmt::format("{}", numbers.front()), numbers.front() < 0 ? sign : atom});
            numbers = numbers.subspan(1);
        } else if (t.arity == 1) {
            stack.push_back(unary(t, pop()));
        } else {
            Piece const b = pop(), a = pop();
            stack.push_back(binary(t, a, b));
        }
    }
    return stack.back().text;
}

}  // namespace unspool
