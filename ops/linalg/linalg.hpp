// Products of matrices and vectors.
#pragma once
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>

namespace unspool::core {

struct Matmul {
    static constexpr auto name           = "matmul";
    static constexpr Signature signature = "[m,k] [k,n] -> [m,n]";
    static constexpr About about{"Σ_k a_mk b_kn", "dA = G Bᵀ, dB = Aᵀ G", "Var y = matmul(a, b);",
                                 "zeros where k is 0; of a vector, and of stacks of matrices: see batched_matmul"};
    static std::vector<Example> examples();
    Contribution gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    static Equation written(std::span<Equation const> x) { return Equation::of(matrix_product, x); }
    template <Real T> void f(Array<T> y, Array<T const> a, Array<T const> b) const {
        multiply<T>(y, {a, b}, WriteMode::assign);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> a, Array<T const> b) const {
        return std::tuple{[=] {
                              return Product<T>{g, transposed(b)};
                          },  // dA = G Bᵀ
                          [=] {
                              return Product<T>{transposed(a), g};
                          }};  // dB = Aᵀ G
    }
};

/// A product for each index of the leading axes, which broadcast.
struct BatchedMatmul {
    static constexpr auto name           = "batched_matmul";
    static constexpr Signature signature = "[?] [?] -> [?]";
    static constexpr About about{"a b for each index of the leading axes",
                                 "dA = G Bᵀ, dB = Aᵀ G, summed where an axis was repeated", "Var y = matmul(x, b);",
                                 "the leading axes broadcast; ShapeError if they do not"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    static Equation written(std::span<Equation const> x) { return Equation::of(matrix_product, x); }
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, Array<T const> a, Array<T const> b) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> a, Array<T const> b) const {
        return std::tuple{[=](Array<T> da) { add_products<T>(da, g, b, false); },
                          [=](Array<T> db) { add_products<T>(db, g, a, true); }};
    }

private:
    template <Real T> static void add_products(Array<T> to, Array<T const> g, Array<T const> other, bool right);
};

/// a b: of matrices [m,k] and [k,n]; of stacks of them, whose leading axes broadcast; a vector on the left is a row, and on
/// the right a column, without that axis in the result.  ShapeError if the sizes do not fit.
Var matmul(Argument a, Argument b, Where = Where::here());

struct Outer {
    static constexpr auto name = "outer";
    static constexpr About about{"a_i b_j, for each index of the leading axes", "da = g b, db = gᵀ a",
                                 "Var y = outer(x, x);",
                                 "a [..., m], b [..., n]; ShapeError if the leading axes do not broadcast"};
    static std::vector<Example> examples();
};
Var outer(Argument a, Argument b, Where = Where::here());

struct Dot {
    static constexpr auto name = "dot";
    static constexpr About about{"Σ a b along the last axis", "da = g b, db = g a", "Var y = dot(x, x);",
                                 "ShapeError if the shapes do not broadcast"};
    static std::vector<Example> examples();
};
Var dot(Argument a, Argument b, Where = Where::here());

struct Bilinear {
    static constexpr auto name = "bilinear";
    static constexpr About about{"y_k = Σ_ij a_i W_kij b_j", "that of each product",
                                 "Var y = bilinear(a, stack({W, W}), b);",
                                 "a [..., i], W [k, i, j], b [..., j]; ShapeError if the sizes do not fit"};
    static std::vector<Example> examples();
};
Var bilinear(Argument a, Argument weight, Argument b, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::bilinear, core::dot, core::matmul, core::outer;

}  // namespace unspool
