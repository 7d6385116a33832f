// A mutant: the derivative of one operation by one operand, made wrong in one way.
#pragma once
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace mutation {

enum class Kind { none, sign, missing, slightly, swapped };
inline constexpr std::array kinds{Kind::sign, Kind::missing, Kind::slightly, Kind::swapped};

inline constexpr double nearly_one = 1 - 1.0 / 1024;  // a float, too

inline char const* name_of(Kind kind) {
    return std::array{"none", "sign", "missing", "slightly", "swapped"}[static_cast<std::size_t>(kind)];
}

struct Mutant {
    Kind kind           = Kind::none;
    std::size_t operand = 0;  // swapped: with the next one, and the last with the first

    bool hits(std::size_t k) const { return kind != Kind::none && kind != Kind::swapped && operand == k; }
    bool swaps() const { return kind == Kind::swapped; }
};

/// As the list prints it, and the environment variable UNSPOOL_MUTANT has it: "tanh/1:sign:0".  There may be an operation of
/// one operand and another of two with the same name.
inline std::string text(std::string_view op, std::size_t operands, Mutant m) {
    return std::string(op) + "/" + std::to_string(operands) + ":" + name_of(m.kind) + ":" + std::to_string(m.operand);
}

/// What is to be made of this operation's derivatives.
inline Mutant mutant_of(std::string_view op, std::size_t operands) {
    char const* const chosen = std::getenv("UNSPOOL_MUTANT");
    for (Kind kind : kinds)
        for (std::size_t k = 0; chosen && k < operands; ++k)
            if (Mutant const m{kind, k}; text(op, operands, m) == chosen) return m;
    return {};
}
/// Of what a rule records when it is differentiated: "recorded matmul:sign:0".  Any rule has at most so many operands that are told apart.
inline constexpr std::size_t recorded_operands = 4;
inline constexpr std::array recorded_kinds{Kind::sign, Kind::missing, Kind::slightly};
inline std::string recorded_text(std::string_view rule, Mutant m) {
    return "recorded " + std::string(rule) + ":" + name_of(m.kind) + ":" + std::to_string(m.operand);
}
inline Mutant recorded_mutant_of(std::string_view rule) {
    char const* const chosen = std::getenv("UNSPOOL_MUTANT");
    for (Kind kind : recorded_kinds)
        for (std::size_t k = 0; chosen && k < recorded_operands; ++k)
            if (Mutant const m{kind, k}; recorded_text(rule, m) == chosen) return m;
    return {};
}

template <class Op, std::size_t operands> inline Mutant const mutant = mutant_of(Op::name, operands);

/// Makes one of the derivatives wrong.  `unit` is what is left of it without its factor.
template <class V, std::size_t n> std::array<V, n> mutated(Mutant m, std::array<V, n> d, V const& unit) {
    switch (m.kind) {
        case Kind::none: break;
        case Kind::sign: d[m.operand] = -d[m.operand]; break;
        case Kind::missing: d[m.operand] = unit; break;
        case Kind::slightly: d[m.operand] = d[m.operand] * V(nearly_one); break;
        case Kind::swapped: std::swap(d[m.operand], d[(m.operand + 1) % n]); break;
    }
    return d;
}

/// What an operation on arrays has to multiply its adjoint with, for a rule to be wrong by it: all rules are linear in it.
inline double wrong_factor(Mutant m) { return m.kind == Kind::sign ? -1 : m.kind == Kind::slightly ? nearly_one : 0; }

}  // namespace mutation
