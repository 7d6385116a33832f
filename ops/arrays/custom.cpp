// Custom operations as the engine sees them.
#include <cstring>
#include <fmt/format.h>
#include <unspool/ops/arrays/custom.hpp>
#include <vector>

namespace unspool::core {

namespace {

template <Real T> ArrayView<T> view(Window const& w) {
    return array_view(static_cast<T const*>(w.data), w.shape, w.strides);
}

/// Memory for so many elements, of this thread and until it is asked for again.
template <Real T> T* scratch(Index n) {
    thread_local std::vector<T> memory;
    if (memory.size() < static_cast<std::size_t>(n)) memory.resize(static_cast<std::size_t>(n));
    return memory.data();
}

/// Views of this thread, kept so that a loop does not allocate.
template <Real T> std::vector<ArrayView<T>>& no_views() {
    thread_local std::vector<ArrayView<T>> views;
    views.clear();
    return views;
}

template <Real T> CustomRules<T> const& rules(CustomOp const& op) {
    if constexpr (std::same_as<T, float>) return op.in_float;
    else return op.in_double;
}

template <Real T>
void run(CustomOp const& op, void const* kept, Window const& y, std::span<Window const* const> operands) {
    auto& views = no_views<T>();
    for (Window const* x : operands) views.push_back(view<T>(*x));
    rules<T>(op).forward(kept, views.data(),
                         {static_cast<T*>(y.data), y.shape, RuleValue<T>::result, op.operation->name, y.where});
}

template <Real T> void pull(CustomOp const& op, Node const& node, Adjoints& adjoints) {
    auto& views = no_views<T>();
    views.push_back(array_view(static_cast<T const*>(adjoints.of(node)), node.value.shape, node.value.strides));
    views.push_back(view<T>(node.value));
    for (Window const* x : node.operands) views.push_back(view<T>(*x));
    for (std::size_t k = 0; k < node.operands.size(); ++k) {
        Window const& x = *node.operands[k];
        if (!adjoints.tape().requires_grad(x)) continue;
        T* const dx = scratch<T>(count(x.shape));
        rules<T>(op).adjoint(node.attributes, views.data(),
                             {dx, x.shape, static_cast<int>(k), op.operation->name, node.value.where});
        add<T>(adjoints, x, Array<T const>{dx, x.shape, row_major(x.shape)});
    }
}

}  // namespace

template <Real T> void RuleValue<T>::require(Shape const& got) const {
    if (got == shape) return;
    std::string const what = operand == result ? "the result" : fmt::format("the adjoint of operand {}", operand);
    throw ShapeError(
        located(where, fmt::format("{}: {} has the shape {} where {} was expected", op, what, text(got), text(shape))));
}
template struct RuleValue<float>;
template struct RuleValue<double>;

Var CustomRule::record(void const* op, std::span<Argument const> arguments, Where where) const {
    Tape& tape = common_tape(arguments, name(), where);
    Attempt const attempt(tape, before(tape, arguments));
    auto const operands = windows(tape, arguments, where);
    Shape shape         = op_.signature.infer(tape, name(), operands, where);
    if (op_.result) shape = op_.result(op, operands);
    Node* const node = tape.allocate(shape, where);
    void* const kept = std::memcpy(tape.arena().allocate(op_.size, op_.alignment), op, op_.size);
    dispatch(tape.dtype(), [&](auto t) { run<decltype(t)>(op_, kept, node->value, operands); });
    return tape.record(node, this, operands, kept);
}
void CustomRule::pull_back(Node const& node, Adjoints& adjoints) const {
    dispatch(adjoints.tape().dtype(), [&](auto t) { pull<decltype(t)>(op_, node, adjoints); });
}
void CustomRule::differentiate(Node const& node, Differentiation& d) const {
    if (!op_.gradient) d.refuse(name());
    for (std::size_t k = 0; k < node.operands.size(); ++k)
        if (d.wants(k)) d.add(k, op_.gradient(node.attributes, k, d));
}
void CustomRule::recompute(Tape const& tape, Node const& node, Window const& value,
                           std::span<Window const* const> operands) const {
    dispatch(tape.dtype(), [&](auto t) { run<decltype(t)>(op_, node.attributes, value, operands); });
}
Equation CustomRule::equation(Node const& node, std::span<Equation const> operands) const {
    return op_.arguments ? Equation::of(*op_.operation, operands, op_.arguments(node.attributes))
                         : Equation::of(*op_.operation, operands);
}

}  // namespace unspool::core
