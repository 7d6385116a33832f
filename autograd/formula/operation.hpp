// What an equation knows of an operation: how it is written, and what it costs.  Not what it computes.
#pragma once
#include <cstdint>
#include <string_view>

namespace unspool::core {

/// How strongly an operation holds its operands together.
enum class Strength : std::uint8_t { comparison, sum, product, matrix, sign, atom };

/// One constant for each operation, which all equations point to.
struct Operation {
    enum Form : std::uint8_t { call, prefix, infix, suffix, list };
    static constexpr int any = -1;  // number of operands

    char const* name;
    int arity         = any;
    Form form         = call;
    Strength strength = Strength::atom;
    bool associative  = false;    // a ∘ (b ∘ c) is written a ∘ b ∘ c
    int flops         = 1;        // for each element
    char const* c     = nullptr;  // as a C program computes it, where that is not the same operator: see c_of

    friend constexpr bool operator==(Operation const& a, Operation const& b) {
        return std::string_view(a.name) == b.name && a.form == b.form;
    }
};

/// An operation by its name: an operator, or else a function.
constexpr Operation described(char const* name, int arity) {
    std::string_view const s = name;
    if (arity == 1 && s == "-") return {name, 1, Operation::prefix, Strength::sign};
    if (arity != 2) return {name, arity};
    if (s == "<" || s == "<=" || s == ">" || s == ">=") return {name, 2, Operation::infix, Strength::comparison};
    if (s == "+" || s == "-") return {name, 2, Operation::infix, Strength::sum, s == "+"};
    if (s == "*" || s == "/") return {name, 2, Operation::infix, Strength::product, s == "*"};
    return {name, 2};
}
/// How an elementwise operation is written in C, if it says so as `c`: the name of a function of <math.h>, for double, or the body of
/// one of x, of a and b, or of a, b and c, all `real`, which $ at their ends makes of numbers and functions for double:
/// "return 1 / sqrt$(x);".  Where its name is no word, another goes before: "less: return a < b ? 1 : 0;".
template <class Op> constexpr char const* c_of() {
    if constexpr (requires { Op::c; }) return Op::c;
    else return nullptr;
}
constexpr Operation written_in_c(Operation op, char const* c) {
    op.c = c;
    return op;
}
template <class Op, int arity = Operation::any>
inline constexpr Operation operation_of = written_in_c(described(Op::name, arity), c_of<Op>());

/// "W·x": its operands' shapes say what it costs.
inline constexpr Operation matrix_product{"·", 2, Operation::infix, Strength::matrix, true, 0};
/// "[a, b]": values that lie side by side.
inline constexpr Operation side_by_side{"[]", Operation::any, Operation::list, Strength::atom, false, 0};
/// "xs[3]": the term says which part.
inline constexpr Operation taken_part{"[…]", 1, Operation::suffix, Strength::atom, false, 0};
inline constexpr Operation transposition{"ᵀ", 1, Operation::suffix, Strength::atom, false, 0};

}  // namespace unspool::core
