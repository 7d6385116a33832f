// Counts what nodes compute and keep.
#include <algorithm>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/nn/diagnostics/cost.hpp>

namespace unspool::core {

namespace {

/// Of what a statement's loop runs over: more than its result, if that is a sum.
Index loop_size(Node const& n) {
    Shape out = n.value.shape;
    for (Window const* w : n.operands)
        if (!broadcast(out, w->shape)) return count(n.value.shape);
    return std::max(count(out), count(n.value.shape));
}

}  // namespace

Index flops_of(Node const& n) {
    Equation const e     = n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"));
    Index const products = uses(e, matrix_product), size = count(n.value.shape);
    Index out = 0;
    for (Index k = 0; k < products; ++k) out += 2 * size * n.operands[static_cast<std::size_t>(2 * k)]->shape.back();
    if (products > 0) return out + flops(e) * size;
    return n.rule->name() == "statement" ? flops(e) * loop_size(n) : size;
}

Index bytes_of(Node const& n) { return count(n.value.shape) * bytes_of_element; }

std::string grouped(Index n) {
    std::string out = std::to_string(n);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
    return out;
}

}  // namespace unspool::core
