// Equations written as C++.
#pragma once
#include <array>
#include <unspool/autograd/formula/equation.hpp>
#include <unspool/ops/ops.hpp>

namespace sums {

using unspool::core::Equation;
using unspool::core::Operation;

inline constexpr Operation const &plus     = unspool::core::operation_of<unspool::op::Add, 2>,
                                 &minus    = unspool::core::operation_of<unspool::op::Subtract, 2>,
                                 &times    = unspool::core::operation_of<unspool::op::Multiply, 2>,
                                 &over     = unspool::core::operation_of<unspool::op::Divide, 2>,
                                 &negative = unspool::core::operation_of<unspool::op::Negate, 1>;
inline constexpr Operation less            = unspool::core::described("<", 2);

inline Equation of(Operation const& op, Equation const& a) { return Equation::of(op, std::array{a}); }
inline Equation of(Operation const& op, Equation const& a, Equation const& b) {
    return Equation::of(op, std::array{a, b});
}
inline Equation operator+(Equation const& a, Equation const& b) { return of(plus, a, b); }
inline Equation operator-(Equation const& a, Equation const& b) { return of(minus, a, b); }
inline Equation operator*(Equation const& a, Equation const& b) { return of(times, a, b); }
inline Equation operator/(Equation const& a, Equation const& b) { return of(over, a, b); }
inline Equation operator<(Equation const& a, Equation const& b) { return of(less, a, b); }
inline Equation operator-(Equation const& a) { return of(negative, a); }
inline Equation dot(Equation const& a, Equation const& b) { return of(unspool::core::matrix_product, a, b); }
template <class Op> Equation call(Equation const& a) { return of(unspool::core::operation_of<Op, 1>, a); }

}  // namespace sums
