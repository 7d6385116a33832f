// Matrix products.
#pragma once
#include <tuple>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>

namespace unspool {

/// As pictures write a product: "W·x", "W·x + b".
std::string product_text(std::string const& a, std::string const& b, std::string const& added = {});

/// to += the sum of the rows.
template <Real T> void add_rows(Array<T> to, Array<T const> rows);

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

/// a b, for matrices [m,k] and [k,n].
Var matmul(Argument a, Argument b, Where = Where::here());

/// x Wᵀ, for x [...,k] and W [n,k].
Var linear(Argument x, Argument weight, Where = Where::here());

/// x Wᵀ + b, for x [...,k], W [n,k] and b [n].
Var linear(Argument x, Argument weight, Argument bias, Where = Where::here());

}  // namespace unspool
