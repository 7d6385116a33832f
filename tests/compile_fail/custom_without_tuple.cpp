// The adjoint rules of a custom operation are a tuple, of one expression an operand.
// expect: adjoints\(\) returns a std::tuple of one expression an operand
#include <unspool.hpp>

struct Product {
    static constexpr auto name                    = "product";
    static constexpr unspool::Signature signature = "[...] [...] -> [...]";
    auto forward(auto const& a, auto const& b) const { return a * b; }
    auto adjoints(auto const& g, auto const&, [[maybe_unused]] auto const& a, auto const& b) const {
#ifdef CONTROL
        return std::tuple(g * b, g * a);
#else
        return g * b;
#endif
    }
};
unspool::Var f(unspool::Var a, unspool::Var b) { return custom(Product{}, a, b); }
