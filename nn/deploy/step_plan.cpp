// From a recorded step, what its results depend on.
#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/deploy/flops.hpp>
#include <unspool/nn/deploy/layout.hpp>
#include <unspool/nn/deploy/recording.hpp>

namespace unspool::core {

namespace {

std::vector<Shape> shapes_of_inputs(PlannableCell const& cell, PlanOptions const& o, Where where) {
    if (o.inputs.size() == cell.inputs.size()) return o.inputs;
    if (!o.inputs.empty() || cell.inputs.size() != 1)
        throw ShapeError(fmt::format("{}: the cell takes {} inputs, and PlanOptions::inputs has the shapes of {}",
                                     text(where), cell.inputs.size(), o.inputs.size()));
    return {cell.input(where)};
}

class Planner {
public:
    Planner(std::shared_ptr<Recording const> r, PlannableCell const& cell)
        : recording_(*r), tape_(r->tape), cell_(cell) {
        plan_.recording = std::move(r);
        plan_.dtype     = tape_.dtype();
        find_needed();
    }

    StepPlan run() && {
        for (std::size_t k = 0; k < recording_.inputs.size(); ++k)
            plan_.inputs.push_back(add(recording_.inputs[k].window(), PlannedArray::input, cell_.inputs[k]));
        for (std::size_t k = 0; k < recording_.state.size(); ++k) {
            std::size_t const array = add(recording_.state[k].window(), PlannedArray::state, cell_.names[k]);
            auto const& zeros       = cell_.zeros[k];
            plan_.state.push_back({array, {}, false, -1, {zeros.begin(), zeros.end()}});
        }
        for (NodeId id = 0; id < tape_.size(); ++id)
            if (needed_[id] && tape_[id].rule) add_node(tape_[id]);
        for (std::size_t k = 0; k < recording_.next.size(); ++k) plan_.state[k].next = at(recording_.next[k].window());
        for (std::size_t k = 0; k < recording_.results.size(); ++k)
            plan_.results.push_back({recording_.names[k], at(recording_.results[k].window())});
        lay_out(plan_, {.unit = static_cast<Index>(Arena::alignment / size_of(plan_.dtype))});
        return std::move(plan_);
    }

private:
    void find_needed() {
        needed_.assign(tape_.size(), false);
        auto const need = [&](Window const& w) {
            if (NodeId const id = holder(tape_, w); id != no_node) needed_[id] = true;
        };
        for (Var const& x : recording_.next) need(x.window());
        for (Var const& x : recording_.results) need(x.window());
        for (NodeId id = tape_.size(); id-- > 0;)
            if (needed_[id])
                for (Window const* w : tape_[id].operands) need(*w);
    }
    std::size_t add(Window const& w, PlannedArray::Kind kind, std::string name) {
        plan_.arrays.push_back({kind, std::move(name), w.shape, &w});
        return place_[key(w)] = plan_.arrays.size() - 1;
    }
    void add_node(Node const& n) {
        std::vector<PlannedWindow> operands;
        for (Window const* w : n.operands) operands.push_back(at(*w));
        plan_.nodes.push_back({&n, add(n.value, PlannedArray::value, {}), std::move(operands)});
    }
    /// Where a window lies.  Behind detach() it has no node, and still lies in one's value.
    PlannedWindow at(Window const& w) {
        NodeId const id     = holder(tape_, w);
        Window const& whole = id == no_node ? w : tape_[id].value;
        if (!place_.contains(key(whole))) {
            Param const* const p = id == no_node ? nullptr : tape_[id].param;
            add(whole, p ? PlannedArray::parameter : PlannedArray::constant, p ? p->path() : std::string());
        }
        auto const bytes = static_cast<std::byte const*>(w.data) - static_cast<std::byte const*>(whole.data);
        return {place_[key(whole)], bytes / static_cast<Index>(size_of(tape_.dtype())), w.shape, w.strides};
    }
    void const* key(Window const& w) const { return w.node == no_node ? static_cast<void const*>(&w) : &tape_[w.node]; }

    Recording const& recording_;
    Tape const& tape_;
    PlannableCell const& cell_;
    std::vector<bool> needed_;
    std::unordered_map<void const*, std::size_t> place_;  // of a node, the array of its value
    StepPlan plan_;
};

}  // namespace

PlannableCell plannable_layer(nn::Stepwise const& layer, Index batch, Where where) {
    if (!layer.refused.empty()) refuse_to_plan(layer.refused, where);
    Tape tape(float64);
    PlannableCell out{{"x"}, layer.names, {}, {}, {}};
    for (Var const& part : layer.zeros(tape, batch)) out.zeros.push_back(part.value<double>());
    out.step = [step = layer.step, where](PlannableCell::Vars x, PlannableCell::Vars state) {
        auto [output, next] = step(x[0], state, where);
        return PlannableCell::Step{std::move(next), output};
    };
    out.input = [given = layer.input](Where at) {
        if (given) return *given;
        throw ShapeError(
            fmt::format("{}: step_plan: the model does not say what it takes: give PlanOptions::inputs, or "
                        "the model an nn::Input",
                        text(at)));
    };
    return out;
}

StepPlan plan_of(PlannableCell const& cell, PlanOptions const& o, Where where) {
    if (o.batch < 1)
        throw ValueError(fmt::format("{}: step_plan: the batch is {}, and must be at least 1", text(where), o.batch));
    auto const shapes    = shapes_of_inputs(cell, o, where);
    auto const recording = std::make_shared<Recording const>(cell, o, shapes, 1.0, where);
    for (double scale : {-0.6, 40.0})  // other signs and sizes for what asks for one
        require_same_structure(*recording, Recording(cell, o, shapes, scale, where), where);
    StepPlan out = Planner(recording, cell).run();
    out.batch    = o.batch;
    return out;
}

Tape const& StepPlan::tape() const { return recording->tape; }

std::string StepPlan::equation(PlannedNode const& n) const {
    return text(equation_of(tape(), n.recorded->value)) + " = " + formula_of(tape(), *n.recorded);
}

Index StepPlan::flops() const {
    Index n = 0;
    for (auto const& node : nodes) n += flops_of(*node.recorded);
    return n;
}
Index StepPlan::bytes_of_parameters() const {
    Index n = 0;
    for (auto const& a : arrays) n += a.kind == PlannedArray::parameter ? count(a.shape) : 0;
    return n * static_cast<Index>(size_of(dtype));
}

bool is_whole(StepPlan const& plan, PlannedWindow const& w) {
    return w.offset == 0 && is_contiguous(w.shape, w.strides) && count(w.shape) == count(plan.arrays[w.array].shape);
}

bool may_overwrite(StepPlan const& plan, PlannedNode const& n, std::size_t array) {
    Statement const* const s = statement_of(*n.recorded);
    if (!s || s->reduces()) return false;
    return std::all_of(n.operands.begin(), n.operands.end(), [&](PlannedWindow const& w) {
        return w.array != array || (is_whole(plan, w) && w.shape == plan.arrays[n.result].shape);
    });
}

}  // namespace unspool::core
