// Values by name, and what operators ask of a node.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/nn/onnx/wire.hpp>

namespace unspool::nn::onnx {

Value const* Scope::find(std::string const& name) const {
    for (Scope const* s = this; s; s = s->around)
        if (auto const at = s->values.find(name); at != s->values.end()) return &at->second;
    return nullptr;
}

Evaluator find_evaluator(std::string_view name) {
    for (Evaluators const* all : {&arithmetic(), &reshaping(), &recurrent()})
        if (auto const at = all->find(name); at != all->end()) return at->second;
    return nullptr;
}

Value value_of(Evaluation const& run, Tensor const& t) {
    Shape const shape(std::span<Index const>(t.shape));
    if (t.type != Element::float32 && t.type != Element::float64) return {t.integers(), shape};
    auto const x = t.reals();
    return {run.tape.filled(shape, run.where, [&](auto to) { std::copy(x.begin(), x.end(), to.begin()); })};
}

void Evaluation::operator()(Graph const& g, Scope& scope) const {
    if (scope.around)
        for (auto const& t : g.initializers) scope.values.insert_or_assign(t.name, value_of(*this, t));
    for (auto const& n : g.nodes) {
        std::vector<Value> in;
        for (auto const& name : n.inputs) {
            Value const* const x = name.empty() ? nullptr : scope.find(name);
            in.push_back(x ? *x : Value());
        }
        Call const call{*this, n, in, scope};
        if (++calls > most_calls)
            call.refuse(fmt::format("it would be run after {} others, of scans in scans", most_calls));
        auto out = find_evaluator(n.op)(call);
        if (out.size() < n.outputs.size()) call.refuse(fmt::format("it has {} results", out.size()));
        for (std::size_t k = 0; k < n.outputs.size(); ++k)
            if (!n.outputs[k].empty()) scope.values.insert_or_assign(n.outputs[k], std::move(out[k]));
    }
}

void Call::refuse(std::string_view what) const {
    onnx::refuse(run.file, node.at, fmt::format("{}: {}", shown(node.op), what));
}

Value const& Call::value(std::size_t k) const {
    if (!has(k)) refuse(fmt::format("input {} is missing", k));
    return in[k];
}
Var Call::real(std::size_t k) const {
    if (!value(k).is_real()) refuse(fmt::format("input {} is of whole numbers", k));
    return in[k].real(where());
}
std::vector<Index> const& Call::numbers(std::size_t k) const {
    if (!value(k).is_whole()) refuse(fmt::format("input {} is of reals, expected whole numbers", k));
    return in[k].numbers();
}
std::optional<std::vector<Index>> Call::listed(std::string_view name, std::size_t input) const {
    if (has(input)) return numbers(input);
    if (!node.attribute(name)) return {};
    return attribute(name, std::vector<Index>());
}

std::size_t Call::axis(Index a, std::size_t rank) const {
    auto const n = static_cast<Index>(rank);
    if (a < -n || a >= n) refuse(fmt::format("{} is no axis of {}", a, rank));
    return static_cast<std::size_t>(a < 0 ? a + n : a);
}

void Call::require_size(std::span<Index const> shape) const {
    if (shape.size() > Shape::max_rank)
        refuse(fmt::format("an array has {} axes, and {} at most", shape.size(), Shape::max_rank));
    Index const n     = elements_or_none(shape);
    bool const longer = std::any_of(shape.begin(), shape.end(), [&](Index d) { return d > run.most; });  // beside a 0
    if (n < 0 || n > run.most || longer)
        refuse(fmt::format("an array of the shape {} has more than {} elements, which OnnxReadOptions allows",
                           core::text(shape), run.most));
}

Shape Call::broadcast_of(std::initializer_list<Shape> shapes) const {
    Shape out;
    for (Shape const& s : shapes)
        if (!broadcast(out, s))
            throw ShapeError(fmt::format("{}: {}: byte {}: {}: {} and {} do not broadcast", core::text(where()),
                                         run.file, node.at, node.op, core::text(out), core::text(s)));
    require_size({out.begin(), out.end()});
    return out;
}

}  // namespace unspool::nn::onnx
