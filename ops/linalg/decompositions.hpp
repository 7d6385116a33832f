// What is made of a square matrix by decomposing it: solutions of linear equations, the inverse, the Cholesky factor, and the
// determinant.  The adjoints are those of Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
// differentiation" (2008), section 2, and for the Cholesky factor those of Murray, "Differentiation of the Cholesky
// decomposition" (2016), equations 9 and 10.
//
// ShapeError unless the matrix has two axes of the same size.  If an element of it is not finite, all of the result is NaN.
#pragma once
#include <memory>
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <vector>

namespace unspool::core {

struct Solve {
    static constexpr auto name           = "solve";
    static constexpr Signature signature = "[n,n] [n,k] -> [n,k]";
    static constexpr About about{"a⁻¹ b: of a vector b, or of each column of a matrix", "db = a⁻ᵀ g, da = −db yᵀ",
                                 "Var y = solve(a, c);",
                                 "ValueError if a is singular; NaN if an element of a is not finite"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> a, Array<T const> b) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const> a, Array<T const>) const {
        auto const db = adjoint_of_b<T>(g, a);  // both operands need it
        return std::tuple{[=](Array<T> da) { subtract_product<T>(da, db->data(), y); },
                          [=] {
                              return Array<T const>{db->data(), g.shape, row_major(g.shape)};
                          }};
    }

private:
    template <Real T> static std::shared_ptr<std::vector<T> const> adjoint_of_b(Array<T const> g, Array<T const> a);
    template <Real T> static void subtract_product(Array<T> da, T const* db, Array<T const> y);
};

/// The x of a x = b.  a [n,n]; b [n], or [n,k] for k right-hand sides; the result has the shape of b.  By the LU decomposition with
/// pivots.  ValueError where a is singular, that is, one of these is exactly 0; ShapeError where sizes do not fit.
Var solve(Argument a, Argument b, Where = Where::here());

struct Inverse {
    static constexpr auto name           = "inverse";
    static constexpr Signature signature = "[n,n] -> [n,n]";
    static constexpr About about{
        "x⁻¹", "−yᵀ g yᵀ", "Var y = inverse(x);",
        "ValueError if x is singular; NaN if an element is not finite; solve(x, b) is faster than a product with it"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const>) const {
        return std::tuple{[=](Array<T> dx) { add_adjoint<T>(dx, g, y); }};
    }

private:
    template <Real T> static void add_adjoint(Array<T> dx, Array<T const> g, Array<T const> y);
};
Var inverse(Argument x, Where = Where::here());

/// As the symmetric part is all that it reads, its adjoint is symmetric, and both agree with what has `a` and `aᵀ` in it.
struct Cholesky {
    static constexpr auto name           = "cholesky";
    static constexpr Signature signature = "[n,n] -> [n,n]";
    static constexpr About about{"the lower triangle y with y yᵀ = ½ (x + xᵀ)",
                                 "½ (s + sᵀ), s = y⁻ᵀ Φ(yᵀ g) y⁻¹, where Φ halves the diagonal and drops what is above",
                                 "Var y = cholesky(matmul(x, transpose(x)));",
                                 "ValueError unless ½ (x + xᵀ) is positive definite; NaN if an element is not finite"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const>) const {
        return std::tuple{[=](Array<T> dx) { add_adjoint<T>(dx, g, y); }};
    }

private:
    template <Real T> static void add_adjoint(Array<T> dx, Array<T const> g, Array<T const> y);
};
Var cholesky(Argument x, Where = Where::here());

struct LogDet {
    static constexpr auto name           = "logdet";
    static constexpr Signature signature = "[n,n] -> []";
    static constexpr About about{
        "log |det x|", "x⁻ᵀ", "Var y = logdet(x);",
        "−∞, with NaN gradients, if x is singular; NaN if an element is not finite; 0 of no elements"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=](Array<T> dx) { add_adjoint<T>(dx, *g.data, x); }};
    }

private:
    template <Real T> static void add_adjoint(Array<T> dx, T g, Array<T const> x);
};
Var logdet(Argument x, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::solve, core::inverse, core::cholesky, core::logdet;

}  // namespace unspool
