// Matrix products.
#pragma once
#include <tuple>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>

namespace unspool {

/// As pictures write a product: "W·x".
std::string product_text(std::string const& a, std::string const& b);

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

/// a b, for matrices [m,k] and [k,n].
Var matmul(Argument a, Argument b, Where = Where::here());

}  // namespace unspool
