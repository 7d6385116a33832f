// Matrix products.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <tuple>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>
#include <unspool/autograd/statement.hpp>

namespace unspool {

/// As pictures write a product: "W·x", "W·x + b".
std::string product_text(std::string const& a, std::string const& b, std::string const& added = {});

/// A vector as all the rows of a matrix.
template <class T> Array<T> repeated(Array<T> const& row, Shape const& matrix) { return {row.data, matrix, {0, row.strides[0]}}; }

/// to += the sum of the rows.
template <Real T> void add_rows(Array<T> to, Array<T const> rows) { copy<T>(repeated(to, rows.shape), rows, Fill::add); }

struct Matmul {
    static constexpr auto       name      = "matmul";
    static constexpr Signature  signature = "[m,k] [k,n] -> [m,n]";
    static std::vector<Example> examples();
    static std::string          written(std::span<std::string const> x) { return product_text(x[0], x[1]); }
    template <Real T> void      f(Array<T> y, Array<T const> a, Array<T const> b) const { multiply<T>(y, {a, b}, Fill::assign); }
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const> a, Array<T const> b) const {
             return std::tuple{[=] {
                              return Product<T>{g, transposed(b)};
                          },  // dA = G Bᵀ
                          [=] {
                              return Product<T>{transposed(a), g};
                          }};  // dB = Aᵀ G
    }
};

/// x Wᵀ.
struct Project {
    static constexpr auto       name      = "linear";
    static constexpr Signature  signature = "[...,k] [n,k] -> [...,n]";
    static std::vector<Example> examples();
    static std::string          written(std::span<std::string const> x) { return product_text(x[1], x[0]); }
    template <Real T> void      f(Array<T> y, Array<T const> x, Array<T const> w) const {
             multiply<T>(as_matrix(y), {as_matrix(x), transposed(w)}, Fill::assign);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x, Array<T const> w) const {
        return std::tuple{[=] {
                              return Product<T>{as_matrix(g), w};
                          },  // dx = G W
                          [=] {
                              return Product<T>{transposed(as_matrix(g)), as_matrix(x)};
                          }};
    }
};

/// x Wᵀ + b.
struct Affine {
    static constexpr auto       name      = "linear";
    static constexpr Signature  signature = "[...,k] [n,k] [n] -> [...,n]";
    static std::vector<Example> examples();
    static std::string          written(std::span<std::string const> x) { return product_text(x[1], x[0], x[2]); }
    template <Real T> void      f(Array<T> y, Array<T const> x, Array<T const> w, Array<T const> b) const;
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const> x, Array<T const> w, Array<T const>) const {
             return std::tuple{[=] {
                              return Product<T>{as_matrix(g), w};
                          },  // dx = G W
                          [=] {
                              return Product<T>{transposed(as_matrix(g)), as_matrix(x)};
                          },
                          [=](Array<T> db) { add_rows<T>(db, as_matrix(g)); }};
    }
};

/// x Wᵀ + b, or x Wᵀ, as a term: not carried out yet.
struct Projection {
    Argument                x, weight;
    std::optional<Argument> bias;
    Where                   where;
};

Var   record_projections(std::span<Projection const>, Where);
Tape& tape_of(std::span<Projection const>);

/// A sum of projections as a term.  Recorded, it is one node, if the shapes are the same.
template <std::size_t N> struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Projections {
    std::array<Projection, N> parts;

    Var   record(Where w) const { return record_projections(parts, w); }
    Where where() const { return parts[0].where; }
};
template <std::size_t N> struct is_formula<Projections<N>> : std::true_type {};

/// The same value with rows in one stride: a copy, if need be.
Var regular_rows(Var x, Where);

/// One projection as a node of its own.
Var project(Argument const& x, Argument const& weight, std::optional<Argument> const& bias, Where);

template <std::size_t N> Tape& tape_of(Projections<N> const& p) { return tape_of(std::span<Projection const>(p.parts)); }

template <std::size_t M, std::size_t N> Projections<M + N> joined(Projections<M> const& a, Projections<N> const& b) {
    return [&]<std::size_t... I, std::size_t... J>(std::index_sequence<I...>, std::index_sequence<J...>) {
        return Projections<M + N>{{a.parts[I]..., b.parts[J]...}};
    }
    (std::make_index_sequence<M>{}, std::make_index_sequence<N>{});
}

/// a b, for matrices [m,k] and [k,n].
Var matmul(Argument a, Argument b, Where = Where::here());

/// x Wᵀ, for x [...,k] and W [n,k]: a term, so that `Var z = linear(x, W) + linear(h, U);` is one node.
inline Projections<1> linear(Argument x, Argument weight, Where where = Where::here()) { return {{{{x, weight, {}, where}}}}; }

/// x Wᵀ + b, for x [...,k], W [n,k] and b [n]: a term.
inline Projections<1> linear(Argument x, Argument weight, Argument bias, Where where = Where::here()) {
    return {{{{x, weight, bias, where}}}};
}

}  // namespace unspool
