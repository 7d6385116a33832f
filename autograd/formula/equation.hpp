// An equation as a value: names, numbers, and operations on those before them.  It is made of values, never read from text.
//
//     Equation const f[] = {"f", "c0"}, i[] = {"i", "g"};
//     Equation const sum[] = {Equation::of(times, f), Equation::of(times, i)};
//     text(Equation::of(plus, sum))    "f * c0 + i * g"
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <unspool/autograd/formula/operation.hpp>
#include <vector>

namespace unspool::core {

/// One symbol of a formula's type, in postfix order.
struct Token {
    enum Kind : std::uint8_t { leaf, number, operation };
    Kind kind;
    Operation const* op = nullptr;
};

class Equation {
public:
    /// In postfix order, so that whatever walks an equation is a loop.
    struct Term {
        enum Kind : std::uint8_t { name, number, operation };
        Kind kind           = name;
        std::string text    = {};       // of a name or number; of a part, which: "[3]"
        double value        = 0;        // of a number
        Operation const* op = nullptr;  // null for names and numbers
        int operands        = 0;

        friend bool operator==(Term const&, Term const&);
    };

    Equation() = default;  ///< empty
    Equation(std::string name) : terms_{{Term::name, std::move(name)}} {}
    Equation(char const* name) : Equation(std::string(name)) {}
    static Equation number(double);
    static Equation number(double, std::string written);
    static Equation of(Operation const&, std::span<Equation const> operands);
    /// A call with arguments that are no operands: "concat(a, b, axis 1)".
    static Equation of(Operation const&, std::span<Equation const> operands, std::span<Equation const> arguments);
    /// That of a formula's type, with these leaves and numbers.
    static Equation of(std::span<Token const>, std::span<Equation const> leaves, std::span<double const> numbers);
    static Equation part(Equation whole, std::string which);
    static Equation transposed(Equation);

    bool empty() const { return terms_.empty(); }
    std::span<Term const> terms() const& { return terms_; }
    std::span<Term const> terms() const&& = delete;  // they would be gone
    Term const& outermost() const { return terms_.back(); }
    std::vector<Equation> operands() const;  ///< of the outermost operation

    /// Of the same operations on the same names and numbers, numbers by their bits.
    friend bool operator==(Equation const&, Equation const&) = default;

private:
    void apply(Operation const&, std::string text, int operands);

    std::vector<Term> terms_;
};

/// How often such an operation stands in it.
std::ptrdiff_t uses(Equation const&, Operation const&);
/// What it costs for each element, products of matrices apart.
std::ptrdiff_t flops(Equation const&);
/// Equal for equations that differ by numbers only.
std::size_t hash_without_numbers(Equation const&);

}  // namespace unspool::core
