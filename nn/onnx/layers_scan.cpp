// Any cell, over the recorded step.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/onnx/layers.hpp>
#include <unspool/nn/onnx/step.hpp>

namespace unspool::nn::onnx {

namespace {

/// Two plans of a step, which differ by the batch.
struct Plans {
    StepPlan a, b;

    Plans(DescribedCell const& d, LayerInputs const& in, Dtype dtype, Where where)
        : a(plan(d, in, dtype, 2, where)), b(plan(d, in, dtype, 3, where)) {}

private:
    static StepPlan plan(DescribedCell const& d, LayerInputs const& in, Dtype dtype, Index batch, Where where) {
        return plan_of(d.plannable(batch), {.batch = batch, .inputs = in.shapes, .dtype = dtype}, where);
    }
};

Port port(std::string name, Dtype dtype, Shape const& with_batch) {
    Port out{std::move(name), element(dtype), {{-1, "batch"}}};
    for (std::size_t k = 1; k < with_batch.rank(); ++k) out.shape.push_back({with_batch[k]});
    return out;
}
Shape without_batch(Shape s) {
    s.erase(0);
    return s;
}

class ScanWriter {
public:
    ScanWriter(Builder& to, DescribedCell const& cell, LayerInputs const& in, Where where)
        : to_(to), cell_(cell), in_(in), where_(where), plans_(cell, in, to.dtype(), where) {}

    /// The node, for direction number d: its outputs, with the states first.
    Node run(Index d) {
        Node n{.op = "Scan", .outputs = {}};
        for (std::size_t k = 0; k < plan().state.size(); ++k) n.inputs.push_back(initial(k, d));
        n.inputs.insert(n.inputs.end(), in_.xs.begin(), in_.xs.end());
        for (auto const& s : plan().state) n.outputs.push_back(to_.name(plan().arrays[s.array].name + "_end"));
        n.outputs.push_back(to_.name("ys"));
        auto const sequences = std::ssize(in_.xs);
        n.attributes         = {{"body", std::shared_ptr<Graph const>(body())}, {"num_scan_inputs", Index{sequences}}};
        if (cell_.reverse) {
            n.attributes.push_back({"scan_input_directions", std::vector<Index>(in_.xs.size(), 1)});
            n.attributes.push_back({"scan_output_directions", std::vector<Index>{1}});
        }
        to_.add(n);
        return n;
    }
    StepPlan const& plan() const { return plans_.a; }
    Shape output() const { return without_batch(plan().results[0].window.shape); }

private:
    std::shared_ptr<Graph> body() {
        auto const g = std::make_shared<Graph>();
        g->name      = to_.name("step");
        Builder::Inside const inside(to_, *g);
        StepWriter step(to_, plans_.a, plans_.b, where_);
        auto const give = [&](std::size_t array, std::string const& wish) {
            std::string const name = to_.name(wish);
            g->inputs.push_back(port(name, to_.dtype(), plan().arrays[array].shape));
            return name;
        };
        for (std::size_t k = 0; k < plan().state.size(); ++k) {
            std::size_t const array = plan().state[k].array;
            step.call_state(k, give(array, states::initial_name(plan().arrays[array].name)));
        }
        for (std::size_t k = 0; k < plan().inputs.size(); ++k)
            step.call_input(k, give(plan().inputs[k], plan().arrays[plan().inputs[k]].name));
        step.write();
        for (std::size_t k = 0; k < plan().state.size(); ++k) {
            auto const& array = plan().arrays[plan().state[k].array];
            put(*g, step.next(k), array.name, array.shape);
        }
        put(*g, step.result(0), "y", plan().results[0].window.shape);
        return g;
    }
    /// What comes out of a step has a name of its own.
    void put(Graph& g, std::string const& value, std::string const& wish, Shape const& shape) {
        g.outputs.push_back(port(to_.add("Identity", {value}, {}, wish), to_.dtype(), shape));
    }

    std::string initial(std::size_t k, Index d) {
        if (!in_.states.empty()) return to_.add("Gather", {in_.states[k], to_.integer(d)}, {{"axis", Index{0}}});
        auto const& numbers = plan().state[k].initial;
        Shape const shape   = plan().arrays[plan().state[k].array].shape;
        auto const row      = std::ssize(numbers) / shape[0];
        if (!std::equal(numbers.begin() + row, numbers.end(), numbers.begin()))
            throw TypeError(fmt::format("{}: write_onnx: the sequences of a batch start from different states",
                                        core::text(where_)));
        std::vector<Index> one(shape.begin(), shape.end());
        one[0]                  = 1;
        std::string const first = to_.reals("zeros", one, {numbers.begin(), numbers.begin() + row}, true);
        std::vector<std::string> sizes{to_.size(in_.xs[0], 1)};
        if (shape.rank() > 1) sizes.push_back(to_.integers({one.begin() + 1, one.end()}));
        return to_.add("Expand", {first, to_.concatenated(sizes, 0)});
    }

    Builder& to_;
    DescribedCell const& cell_;
    LayerInputs const& in_;
    Where where_;
    Plans plans_;
};

}  // namespace

LayerValues as_scan(Builder& to, Directions all, LayerInputs const& in, Where where) {
    LayerValues out;
    std::vector<std::string> ys;
    std::vector<std::vector<std::string>> states;  // of each part, the directions
    for (auto const& cell : all) {
        ScanWriter scan(to, cell, in, where);
        Node const n = scan.run(std::ssize(ys));
        out.features = scan.output();
        out.names.clear(), out.shapes.clear();
        states.resize(scan.plan().state.size());
        for (std::size_t k = 0; k < states.size(); ++k) {
            auto const& array = scan.plan().arrays[scan.plan().state[k].array];
            out.names.push_back(array.name), out.shapes.push_back(without_batch(array.shape));
            states[k].push_back(to.unsqueezed(n.outputs[k], 0));
        }
        std::string const& y = n.outputs.back();
        ys.push_back(!in.last ? y : to.add("Gather", {y, to.integer(cell.reverse ? 0 : -1)}, {{"axis", Index{0}}}));
    }
    for (auto const& part : states) out.states.push_back(to.concatenated(part, 0));
    out.y = to.concatenated(ys, -1);
    if (!out.features.empty()) out.features.back() *= std::ssize(all);
    return out;
}

}  // namespace unspool::nn::onnx
