// Names with indices, fractions, roots, as elements.
#include <algorithm>
#include <cctype>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/mathml.hpp>
#include <unspool/autograd/text/html.hpp>

namespace unspool::core {

namespace {

std::string element(std::string const& name, std::string const& content) {
    return "<" + name + ">" + content + "</" + name + ">";
}
std::string in_a_row(std::string const& content) { return element("mrow", content); }

/// "h0" is h with the index 0, "Wf" is W with the index f, and longer words are upright.
std::string name_in_mathml(std::string const& name) {
    auto const all = [&](auto is, std::size_t from) {
        return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(from), name.end(),
                           [&](unsigned char c) { return is(c) != 0; });
    };
    bool const indexed = name.size() >= 2 && std::isalpha(static_cast<unsigned char>(name[0])) &&
                         ((name.size() == 2 && all(isalnum, 1)) || all(isdigit, 1));
    if (!indexed) return element("mi", html_text(name));
    return element("msub", element("mi", name.substr(0, 1)) + element(all(isdigit, 1) ? "mn" : "mi", name.substr(1)));
}

class MathML final : public Notation {
    std::string name(std::string const& s) const override { return name_in_mathml(s); }
    std::string number(Equation::Term const& t) const override {
        return t.text.starts_with('-') ? in_a_row(std::string(minus()) + element("mn", html_text(t.text.substr(1))))
                                       : element("mn", html_text(t.text));
    }
    std::string function(std::string_view s) const override {
        return element("mi", s == "sigmoid" ? "σ" : html_text(s));
    }
    std::string symbol(std::string_view s) const override { return element("mo", html_text(s)); }
    std::string sign(Operation const& op, std::span<Piece const> xs) const override {
        std::string_view const s = op.name;
        if (s == "*") return symbol(xs[0].is_number() || xs[1].is_number() ? "·" : "⊙");
        if (s == "<=") return symbol("≤");
        if (s == ">=") return symbol("≥");
        if (s == "-") return std::string(minus());
        return op.strength == Strength::matrix ? "<mspace width=\"0.12em\"/>" : symbol(s);
    }
    std::string_view minus() const override { return "<mo>−</mo>"; }
    std::string_view open() const override { return "<mo>(</mo>"; }
    std::string_view close() const override { return "<mo>)</mo>"; }
    std::string part(Piece const& whole, std::string const& which) const override {
        return whole.name.empty() ? element("mtext", html_text(which)) : name_in_mathml(whole.name + which);
    }
    std::optional<std::string> special(Operation const& op, std::span<Piece const> xs) const override {
        std::string_view const s = op.name;
        if (op.form == Operation::infix && s == "/")
            return element("mfrac", in_a_row(xs[0].printed.text) + in_a_row(xs[1].printed.text));
        if (xs.size() != 1) return {};
        std::string const& x = xs[0].printed.text;
        bool const apart     = xs[0].strength != Strength::atom || xs[0].is(Operation::call);
        auto const raised    = [&](std::string const& exponent) {
            return element("msup", in_a_row(apart ? std::string(open()) + x + std::string(close()) : x) + exponent);
        };
        if (op == transposition) return raised("<mo>⊤</mo>");
        if (op.form != Operation::call) return {};
        if (s == "sqrt") return element("msqrt", x);
        if (s == "abs") return in_a_row(symbol("|") + x + symbol("|"));
        if (s == "square") return raised("<mn>2</mn>");
        return {};
    }
};

constexpr MathML mathml_notation;

}  // namespace

std::string mathml(Equation const& e) { return in_a_row(mathml_notation.print(e).text); }

}  // namespace unspool::core
