// Array operations.
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/deploy/known_calls.hpp>
#include <unspool/nn/onnx/step_node.hpp>

namespace unspool::core {}  // namespace unspool::core

namespace unspool::nn::onnx {

namespace {

std::vector<Index> axes_of(AxisSet along, std::size_t rank) {
    std::vector<Index> out;
    for (std::size_t a = 0; a < rank; ++a)
        if (along.has(a)) out.push_back(static_cast<Index>(a));
    return out;
}

/// An operator that reduces lists to numbers.
struct Reducing {
    char const* op;
    AxisSet along;
    bool keep;
};
template <class Op> std::optional<Reducing> reducing(core::Node const& n, char const* name) {
    Op const* const op = call_of<Op>(n);
    return op ? std::optional(Reducing{name, op->along, op->reduced == Reduced::keep}) : std::nullopt;
}
std::optional<Reducing> reducing(core::Node const& n) {
    for (auto const& r : {reducing<Max>(n, "ReduceMax"), reducing<Min>(n, "ReduceMin"), reducing<Prod>(n, "ReduceProd"),
                          reducing<Norm2>(n, "ReduceL2"), reducing<LogSumExp>(n, "ReduceLogSumExp")})
        if (r) return r;
    return {};
}

}  // namespace

/// What lays arrays side by side, multiplies or repeats them.
std::optional<std::string> StepWriter::joined(At const& n) {
    core::Node const& node = *n.a.recorded;
    std::string const wish(given_name(a_.tape(), node.value));
    auto const x  = [&](std::size_t k) { return value(n.operand(k)); };
    auto const xs = [&] {
        std::vector<std::string> out;
        for (std::size_t k = 0; k < n.a.operands.size(); ++k) out.push_back(x(k));
        return out;
    };
    if (call_of<Copy>(node) || call_of<ScaleGradient>(node) || call_of<ClipGradient>(node)) return x(0);
    if (call_of<BroadcastTo>(node)) {
        std::vector<Sizes> to;
        for (std::size_t k = 0; k < node.value.shape.rank(); ++k) to.push_back(n.value().size(k));
        return spread(x(0), to, node.value);
    }
    if (auto const* op = call_of<Concat>(node))
        return to_.add("Concat", xs(), {{"axis", static_cast<Index>(op->axis)}}, wish);
    if (auto const* op = call_of<Stack>(node)) {
        auto const axis = static_cast<Index>(op->axis);
        auto all        = xs();
        for (auto& one : all) one = to_.unsqueezed(one, axis);
        return to_.add("Concat", all, {{"axis", axis}}, wish);
    }
    if (auto const* op = call_of<Pad>(node)) {
        std::vector<Index> around(2 * node.value.shape.rank());
        around[op->axis] = op->before, around[op->axis + node.value.shape.rank()] = op->after;
        return to_.add("Pad", {x(0), to_.integers(around), to_.number(op->value)}, {}, wish);
    }
    if (call_of<Matmul>(node) || call_of<BatchedMatmul>(node)) return to_.add("MatMul", xs(), {}, wish);
    return {};
}

/// What goes along lists: softmax, normalisation, reductions, sums so far, rows by number.
std::optional<std::string> StepWriter::listed(At const& n) {
    core::Node const& node = *n.a.recorded;
    std::size_t const rank = node.operands[0]->shape.rank();
    std::string const wish(given_name(a_.tape(), node.value));
    auto const x    = [&] { return value(n.operand(0)); };
    auto const only = [&](AxisSet along) {
        auto const all = axes_of(along, rank);
        if (all.size() != 1) refuse(n, "ONNX knows this along one axis only");
        return all[0];
    };
    if (auto const* op = call_of<Softmax>(node)) return to_.add("Softmax", {x()}, {{"axis", only(op->along)}}, wish);
    if (auto const* op = call_of<LogSoftmax>(node))
        return to_.add("LogSoftmax", {x()}, {{"axis", only(op->along)}}, wish);
    if (auto const* op = call_of<CumulativeSum>(node))
        return to_.add("CumSum", {x(), to_.integer(only(op->along))}, {}, wish);
    if (auto const* op = call_of<LayerNormalise>(node))
        return normalised(n, x(), axes_of(op->along, rank), op->eps, true);
    if (auto const* op = call_of<RmsNormalise>(node))
        return normalised(n, x(), axes_of(op->along, rank), op->eps, false);
    if (auto const r = reducing(node))
        return to_.add(r->op, {x()}, {{"axes", axes_of(r->along, rank)}, {"keepdims", Index{r->keep}}}, wish);
    if (auto const* op = call_of<GatherRows>(node)) {
        Indices const &rows = op->rows, &others = call_of<GatherRows>(*n.b.recorded)->rows;
        if (!std::equal(rows.numbers.begin(), rows.numbers.end(), others.numbers.begin(), others.numbers.end()))
            refuse(n, "which rows are taken depends on the sizes of the inputs");
        auto const numbers = tensor_of({}, Element::int64, {rows.shape.begin(), rows.shape.end()}, rows.numbers.data());
        return to_.add("Gather", {x(), to_.initializer("rows", numbers)}, {{"axis", Index{0}}}, wish);
    }
    return {};
}

std::string StepWriter::normalised(At const& n, std::string const& x, Axes const& axes, double eps, bool centred) {
    auto const mean = [&](std::string const& of) {
        return to_.add("ReduceMean", {of}, {{"axes", axes}, {"keepdims", Index{1}}});
    };
    std::string const d      = centred ? to_.add("Sub", {x, mean(x)}) : x;
    std::string const spread = mean(to_.add("Mul", {d, d}));
    return to_.add("Div", {d, to_.add("Sqrt", {to_.add("Add", {spread, to_.number(eps)})})}, {},
                   given_name(a_.tape(), n.a.recorded->value));
}

}  // namespace unspool::nn::onnx
