// Matrix products.
#include <unspool/autograd/formula.hpp>
#include <unspool/ops/linalg.hpp>

namespace unspool {

std::string product_text(std::string const& a, std::string const& b) { return as_factor(a) + "·" + as_factor(b); }

Var matmul(Argument a, Argument b, Where where) { return call(Matmul{}, where, a, b); }

std::vector<Example> Matmul::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return matmul(x[0], x[1]); };
    return {{"matrices", signature.examples({}), f}, {"a row and a column", {{1, 5}, {5, 1}}, f}, {"no terms", {{2, 0}, {0, 3}}, f}};
}

}  // namespace unspool
