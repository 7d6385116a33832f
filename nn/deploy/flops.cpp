// Counts by the shapes of a node's operands and result.
#include <algorithm>
#include <unspool/nn/deploy/flops.hpp>
#include <unspool/ops/arrays/recurrence.hpp>
#include <unspool/ops/linalg/convolution.hpp>
#include <unspool/ops/linalg/decompositions.hpp>

namespace unspool::core {

namespace {

/// Of what a statement's loop runs over: more than its result, if that is a sum.
Index loop_size(Node const& n) {
    Shape out = n.value.shape;
    for (Window const* w : n.operands)
        if (!broadcast(out, w->shape)) return count(n.value.shape);
    return std::max(count(out), count(n.value.shape));
}

/// Each output is a sum over the weights of its channel.
Index of_convolution(Node const& n) {
    Shape const& w = n.operands[1]->shape;
    return w[0] == 0 ? 0 : 2 * count(n.value.shape) * (count(w) / w[0]);
}

/// What an operation that is neither a product nor elementwise costs; 0 for others.
Index of_array_operation(Node const& n) {
    std::string_view const name = n.rule->name();
    if (name == Conv1d::name || name == Conv2d::name) return of_convolution(n);
    if (name == LinearRecurrence::name) return 2 * count(n.value.shape);
    Shape const& a   = n.operands[0]->shape;
    Index const size = a.empty() ? 1 : a.back(), cube = size * size * size;
    if (name == Solve::name) return 2 * cube / 3 + 2 * size * count(n.value.shape);
    if (name == Inverse::name) return 2 * cube;
    if (name == Cholesky::name) return cube / 3;
    if (name == LogDet::name) return 2 * cube / 3;
    return 0;
}

}  // namespace

Index flops_of(Node const& n) {
    Equation const e     = n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"));
    Index const products = uses(e, matrix_product), size = count(n.value.shape);
    Index out = 0;
    for (Index k = 0; k < products; ++k) out += 2 * size * n.operands[static_cast<std::size_t>(2 * k)]->shape.back();
    if (products > 0) return out + flops(e) * size;
    if (n.rule->name() == "statement") return flops(e) * loop_size(n);
    return std::max(of_array_operation(n), size);
}

}  // namespace unspool::core
