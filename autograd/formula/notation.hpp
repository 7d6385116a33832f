// How equations are written: the one place that decides on parentheses, and what notations differ in.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unspool/autograd/formula/equation.hpp>
#include <vector>

namespace unspool::core {

/// A text, and the spaces at which it may be broken.
struct Printed {
    struct Break {
        std::size_t at;  // byte of the space
        int depth;       // brackets around it
        int worth;       // how willingly: at sums most
    };
    std::string text;
    std::vector<Break> breaks = {};

    void append(std::string_view s) { text += s; }
    void append(Printed const&, int deeper = 0);
};

class Notation {
public:
    Printed print(Equation const&) const;

protected:
    /// What was printed of a part.
    struct Piece {
        Printed printed;
        Equation::Term const* outermost;
        Strength strength;
        std::string name = {};  // if it is a name, or a part of what has one

        bool is(Operation::Form form) const { return outermost->op && outermost->op->form == form; }
        bool is_number() const { return outermost->kind == Equation::Term::number; }
    };

    virtual std::string name(std::string const& s) const { return s; }
    virtual std::string number(Equation::Term const& t) const { return t.text; }
    virtual std::string function(std::string_view s) const { return std::string(s); }
    virtual std::string sign(Operation const&, std::span<Piece const>) const;        ///< with the blanks around it
    virtual std::string symbol(std::string_view s) const { return std::string(s); }  ///< a comma, a bracket of a list
    virtual std::string_view minus() const { return "-"; }
    virtual std::string_view open() const { return "("; }
    virtual std::string_view close() const { return ")"; }
    virtual std::string part(Piece const& whole, std::string const& which) const;
    /// What is not written as other notations write it.
    virtual std::optional<std::string> special(Operation const&, std::span<Piece const>) const { return {}; }

    Printed in_parentheses_if(bool yes, Printed) const;
    ~Notation() = default;

private:
    Piece leaf(Equation::Term const&) const;
    Piece joined(Equation::Term const&, std::span<Piece>) const;
    Printed listed(std::string_view before, std::span<Piece const>, std::string_view after) const;
    Printed infix(Operation const&, std::span<Piece>) const;
};

/// As programs write it: "sigmoid(W·x + b) * tanh(c)".
std::string text(Equation const&);
Printed print(Equation const&);  ///< the same
/// "σ(W x + U h₀ + b) ⊙ g": products of matrices are written side by side.
std::string unicode(Equation const&);

}  // namespace unspool::core
