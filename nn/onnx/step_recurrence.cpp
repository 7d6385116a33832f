// linear_recurrence: a Scan of a multiplication and an addition.
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/deploy/known_calls.hpp>
#include <unspool/nn/onnx/step_node.hpp>

namespace unspool::nn::onnx {

namespace {

/// h, a, b -> a h + b, which is the next state and the output.
std::shared_ptr<Graph const> multiplied_and_added(Builder& to) {
    auto const body = std::make_shared<Graph>();
    body->name      = to.name("recurrence");
    Builder::Inside const inside(to, *body);
    for (char const* wish : {"h", "a", "b"})
        body->inputs.push_back({to.name(wish), element(to.dtype()), {}, true});  // of any shape
    auto const& in      = body->inputs;
    std::string const h = to.add("Add", {to.add("Mul", {in[1].name, in[0].name}), in[2].name});
    for (char const* wish : {"h_next", "y"})
        body->outputs.push_back({to.add("Identity", {h}, {}, wish), element(to.dtype()), {}, true});
    return body;
}

}  // namespace

std::optional<std::string> StepWriter::recurrence(At const& n) {
    core::Node const& node = *n.a.recorded;
    if (!call_of<LinearRecurrence>(node)) return {};
    std::vector<Sizes> all;
    for (std::size_t k = 0; k < n.value().rank(); ++k) all.push_back(n.value().size(k));
    std::vector<Sizes> const one(all.begin() + 1, all.end());
    auto const operand = [&](std::size_t k, std::vector<Sizes> const& to) {
        Windows const x = n.operand(k);
        bool same       = x.rank() == to.size();
        for (std::size_t d = 0; same && d < to.size(); ++d) same = x.size(d) == to[d];
        return same ? value(x) : spread(value(x), to, node.value);
    };
    std::string const start = operand(2, one), a = operand(0, all), b = operand(1, all);
    std::string const y = to_.name(given_name(a_.tape(), node.value));
    to_.add(Node{.op         = "Scan",
                 .inputs     = {start, a, b},
                 .outputs    = {to_.name("h_end"), y},
                 .attributes = {{"body", multiplied_and_added(to_)}, {"num_scan_inputs", Index{2}}}});
    return y;
}

}  // namespace unspool::nn::onnx
