// From postfix to infix, and two notations.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <unspool/autograd/formula/notation.hpp>

namespace unspool::core {

void Printed::append(Printed const& p, int deeper) {
    for (Break const& b : p.breaks) breaks.push_back({text.size() + b.at, b.depth + deeper, b.worth});
    text += p.text;
}

namespace {

bool is_break(Operation const& op) { return op.strength == Strength::sum || op.strength == Strength::product; }
int worth(Operation const& op) { return op.strength == Strength::sum ? 2 : 0; }

bool left_needs(Operation const& outer, Strength inner) {
    bool const product_of_signed = outer.strength == Strength::matrix && inner == Strength::sign;
    return inner < outer.strength || inner == Strength::comparison || product_of_signed;
}
bool right_needs(Operation const& outer, Strength inner) {
    return inner < outer.strength || inner == Strength::sign || (inner == outer.strength && !outer.associative);
}
/// A product of matrices has no sign of its own within: −W x.
bool signed_needs(Strength inner) { return inner <= Strength::sign && inner != Strength::matrix; }

}  // namespace

Printed Notation::print(Equation const& e) const {
    std::vector<Piece> stack;
    for (Equation::Term const& t : e.terms()) {
        auto const first = stack.end() - t.operands;
        Piece whole      = t.op ? joined(t, {first, stack.end()}) : leaf(t);
        stack.erase(first, stack.end());
        stack.push_back(std::move(whole));
    }
    return stack.empty() ? Printed{} : std::move(stack.back().printed);
}

Notation::Piece Notation::leaf(Equation::Term const& t) const {
    if (t.kind == Equation::Term::name) return {{name(t.text)}, &t, Strength::atom, t.text};
    bool const negative = std::signbit(t.value) && !std::isnan(t.value);
    return {{number(t)}, &t, negative ? Strength::sign : Strength::atom};
}

Notation::Piece Notation::joined(Equation::Term const& t, std::span<Piece> xs) const {
    Operation const& op = *t.op;
    if (auto const other = special(op, xs)) return {{*other}, &t, op.strength};
    switch (op.form) {
        case Operation::call: return {listed(function(op.name) + std::string(open()), xs, close()), &t, op.strength};
        case Operation::list: return {listed(symbol("["), xs, symbol("]")), &t, op.strength};
        case Operation::infix: return {infix(op, xs), &t, op.strength};
        case Operation::prefix: {
            Printed out{std::string(minus())};
            out.append(in_parentheses_if(signed_needs(xs[0].strength), std::move(xs[0].printed)));
            return {std::move(out), &t, op.strength};
        }
        case Operation::suffix: break;
    }
    if (xs[0].outermost->kind == Equation::Term::name || !xs[0].name.empty())
        return {{part(xs[0], t.text)}, &t, Strength::atom, xs[0].name + t.text};
    Printed out = in_parentheses_if(xs[0].strength != Strength::atom, std::move(xs[0].printed));
    out.append(part({{}, xs[0].outermost, Strength::atom}, t.text));
    return {std::move(out), &t, Strength::atom};
}

Printed Notation::in_parentheses_if(bool yes, Printed p) const {
    if (!yes) return p;
    Printed out{std::string(open())};
    out.append(p, 1);
    out.append(close());
    return out;
}

Printed Notation::listed(std::string_view before, std::span<Piece const> xs, std::string_view after) const {
    Printed out{std::string(before)};
    for (Piece const& x : xs) {
        if (&x != xs.data()) {
            out.breaks.push_back({out.text.size() + 1, 1, 1});
            out.append(symbol(", "));
        }
        out.append(x.printed, 1);
    }
    out.append(after);
    return out;
}

Printed Notation::infix(Operation const& op, std::span<Piece> xs) const {
    std::string const between = sign(op, xs);
    Printed out               = in_parentheses_if(left_needs(op, xs[0].strength), std::move(xs[0].printed));
    if (is_break(op)) out.breaks.push_back({out.text.size(), 0, worth(op)});
    out.append(between);
    out.append(in_parentheses_if(right_needs(op, xs[1].strength), std::move(xs[1].printed)));
    return out;
}

std::string Notation::sign(Operation const& op, std::span<Piece const>) const {
    return op.strength == Strength::matrix ? op.name : " " + std::string(op.name) + " ";
}

std::string Notation::part(Piece const& whole, std::string const& which) const { return whole.name + which; }

// ---- Unicode --------------------------------------------------------------------------------------------------------

namespace {

/// "h0" as "h₀".
std::string subscripted(std::string const& name) {
    std::size_t end = name.size();
    while (end > 0 && std::isdigit(static_cast<unsigned char>(name[end - 1]))) --end;
    bool const plain = end > 0 && end < name.size() &&
                       std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](unsigned char c) { return std::isalpha(c); });
    if (!plain) return name;
    std::string out = name.substr(0, end);
    for (std::size_t i = end; i < name.size(); ++i)
        out += std::string("\xE2\x82") + static_cast<char>(0x80 + (name[i] - '0'));
    return out;
}

class Plain final : public Notation {};

class Unicode final : public Notation {
    std::string name(std::string const& s) const override { return subscripted(s); }
    std::string number(Equation::Term const& t) const override {
        return t.text.starts_with('-') ? std::string(minus()) + t.text.substr(1) : t.text;
    }
    std::string function(std::string_view s) const override { return s == "sigmoid" ? "σ" : std::string(s); }
    std::string sign(Operation const& op, std::span<Piece const> xs) const override {
        std::string_view const s = op.name;
        if (s == "*") return xs[0].is_number() || xs[1].is_number() ? " · " : " ⊙ ";
        if (s == "<=") return " ≤ ";
        if (s == ">=") return " ≥ ";
        if (s == "-") return " − ";
        return op.strength == Strength::matrix ? " " : Notation::sign(op, xs);
    }
    std::string_view minus() const override { return "−"; }
};

constexpr Plain plain_notation;
constexpr Unicode unicode_notation;

}  // namespace

Printed print(Equation const& e) { return plain_notation.print(e); }
std::string text(Equation const& e) { return plain_notation.print(e).text; }
std::string unicode(Equation const& e) { return unicode_notation.print(e).text; }

}  // namespace unspool::core
