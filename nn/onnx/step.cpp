// Statements, products, and what they are made of.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/deploy/recording.hpp>
#include <unspool/nn/onnx/elementwise.hpp>
#include <unspool/nn/onnx/step_node.hpp>
#include <unspool/ops/linalg/sum_of_projections.hpp>

namespace unspool::nn::onnx {

StepWriter::StepWriter(Builder& to, StepPlan const& a, StepPlan const& b, Where where)
    : to_(to), a_(a), b_(b), where_(where) {
    if (a.nodes.size() != b.nodes.size())
        throw TypeError(fmt::format(
            "{}: write_onnx: how many operations are recorded depends on the sizes of the inputs", core::text(where)));
    for (std::size_t k = 0; k < a.nodes.size(); ++k) require_same(a.nodes[k], b.nodes[k]);
}

void StepWriter::require_same(PlannedNode const& m, PlannedNode const& n) const {
    Statement const *s = statement_of(*m.recorded), *t = statement_of(*n.recorded);
    bool const same = m.recorded->rule == n.recorded->rule && m.operands.size() == n.operands.size() &&
                      (!s || (s->type == t->type &&
                              std::equal(s->numbers.begin(), s->numbers.end(), t->numbers.begin(), t->numbers.end())));
    if (!same) refuse({m, n}, "it is another, or has other numbers, for inputs of other sizes");
}

void StepWriter::call(std::size_t array, std::string name) {
    Windows const w{a_.arrays[array].recorded, b_.arrays[array].recorded};
    for (std::size_t axis = 0; axis < w.rank(); ++axis)
        if (w.size(axis).open()) open_.push_back({w.size(axis), name, static_cast<Index>(axis)});
    values_[w.a->node] = std::move(name);
}

void StepWriter::refuse(At const& n, std::string_view what) const {
    throw TypeError(fmt::format("{}: write_onnx: {}\n    {}", core::text(n.a.recorded->value.where),
                                formula_of(a_.tape(), *n.a.recorded), what));
}
void StepWriter::refuse(Window const& w, std::string_view what) const {
    throw TypeError(fmt::format("{}: write_onnx: {} {}\n    {}", core::text(w.where),
                                core::text(equation_of(a_.tape(), w)), core::text(w.shape), what));
}

void StepWriter::write() {
    for (std::size_t k = 0; k < a_.nodes.size(); ++k) {
        At const n{a_.nodes[k], b_.nodes[k]};
        to_.explain(a_.equation(n.a));
        values_[n.a.recorded->value.node] = node(n);
    }
    to_.explain({});
}

std::string StepWriter::result(std::size_t k) {
    return value({&a_.recording->results[k].window(), &b_.recording->results[k].window()});
}
std::string StepWriter::next(std::size_t k) {
    return value({&a_.recording->next[k].window(), &b_.recording->next[k].window()});
}

std::string StepWriter::node(At const& n) {
    if (statement_of(*n.a.recorded)) return statement(n);
    if (dynamic_cast<SumOfProjections const*>(n.a.recorded->rule)) return projections(n);
    if (auto const y = joined(n)) return *y;
    if (auto const y = listed(n)) return *y;
    if (auto const y = recurrence(n)) return *y;
    refuse(n, fmt::format("ONNX has no counterpart of {}", n.a.recorded->rule->name()));
}

std::string StepWriter::statement(At const& n) {
    Statement const &s = *statement_of(*n.a.recorded), &t = *statement_of(*n.b.recorded);
    std::vector<std::string> leaves;
    for (int k = 0; k < s.leaves(); ++k) leaves.push_back(value(n.operand(static_cast<std::size_t>(k))));
    std::string const wish(given_name(a_.tape(), n.a.recorded->value));
    if (!s.reduces()) return term(n, leaves, wish);
    std::string const x = term(n, leaves, {});
    bool const mean     = s.reduction.kind == Reduction::mean && !s.reduction.over;
    Axes const axes(s.reduction.axes.list.begin(), s.reduction.axes.list.end());
    std::vector<Attribute> how{{"keepdims", Index{s.reduction.reduced == Reduced::keep}}};
    std::vector<std::string> in{x};
    if (!s.reduction.axes.all && mean) how.push_back({"axes", axes});
    else if (!s.reduction.axes.all) in.push_back(to_.integers(axes));
    std::string const y = to_.add(mean ? "ReduceMean" : "ReduceSum", in, how, wish);
    if (mean || s.scale == 1) return y;
    if (s.scale != t.scale) refuse(n, "what it is divided by depends on the sizes of the inputs");
    return to_.add("Mul", {y, to_.number(s.scale)}, {}, wish);
}

/// The formula's tokens, in postfix order.
std::string StepWriter::term(At const& n, std::vector<std::string> const& leaves, std::string_view wish) {
    Statement const& s = *statement_of(*n.a.recorded);
    std::vector<std::string> stack;
    std::size_t leaf = 0, number = 0;
    for (Token const& t : s.type->tokens) {
        if (t.kind == Token::leaf) stack.push_back(leaves[leaf++]);
        else if (t.kind == Token::number) stack.push_back(to_.number(s.numbers[number++]));
        else {
            auto const operands = std::span(stack).last(static_cast<std::size_t>(t.op->arity));
            bool const last     = &t == &s.type->tokens.back();
            auto const y        = elementwise(to_, *t.op, operands, last ? wish : std::string_view());
            if (!y) refuse(n, fmt::format("ONNX has no counterpart of {}", t.op->name));
            stack.resize(stack.size() - operands.size()), stack.push_back(*y);
        }
    }
    return stack.back();
}

/// Of matrices, Gemm, each of which adds the one before it; of what has more axes, MatMul.
std::string StepWriter::projections(At const& n) {
    auto const products = static_cast<SumOfProjections::Attributes const*>(n.a.recorded->attributes)->products;
    std::string const wish(given_name(a_.tape(), n.a.recorded->value));
    std::string sum;
    auto const add  = [&](std::string const& x) { sum = sum.empty() ? x : to_.add("Add", {sum, x}, {}, wish); };
    bool const gemm = n.a.recorded->value.shape.rank() == 2;
    for (std::size_t k = 2 * products; k < n.a.operands.size(); ++k) add(value(n.operand(k)));
    for (std::size_t k = 0; k < products; ++k) {
        std::string const x = value(n.operand(2 * k)), w = value(n.operand(2 * k + 1));
        if (gemm) {
            std::vector<std::string> in{x, w};
            if (!sum.empty()) in.push_back(sum);
            sum = to_.add("Gemm", in, {{"transB", Index{1}}}, wish);
        } else add(to_.add("MatMul", {x, to_.transposed(w, {1, 0})}));
    }
    return sum;
}

}  // namespace unspool::nn::onnx
