// From a model's layers, one graph.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/onnx/encode.hpp>
#include <unspool/nn/onnx/layers.hpp>
#include <unspool/nn/onnx/step.hpp>
#include <unspool/nn/onnx/write.hpp>

namespace unspool::nn::onnx {

namespace {

constexpr Sizes time{2, 4}, batch{3, 7};  // of the recordings of functions

/// A function of one array as a cell without a state, whose "batch" is the first axis.
PlannableCell stateless(std::function<Var(Var)> const& f) {
    auto const step = [f](PlannableCell::Vars x, PlannableCell::Vars) { return PlannableCell::Step{{}, f(x[0])}; };
    return {{"x"}, {}, {}, step, {}};
}

class ModelWriter {
public:
    ModelWriter(ModelDescription const& model, OnnxOptions const& o, Where where)
        : model_(model), options_(o), where_(where), to_(o.dtype) {
        to_.main().name = "unspool";
        static_cast<void>(to_.name("y"));  // that of the output
        if (auto const& s = o.sizes; s && (s->time < 1 || s->batch < 1))
            throw ValueError(
                fmt::format("{}: write_onnx: sequences of {} steps, {} in a batch: at least one is expected",
                            core::text(where), s->time, s->batch));
    }

    Model run() && {
        for (std::size_t k = 0; k < model_.layers.size(); ++k) layer(model_.layers[k], k);
        if (options_.head) function([this](Var x) { return options_.head(x); });
        if (xs_.empty()) throw ValueError(core::text(where_) + ": write_onnx: the model has no layers");
        to_.add(Node{.op = "Identity", .inputs = {xs_[0]}, .outputs = {"y"}});
        Graph& g = to_.main();
        g.outputs.insert(g.outputs.begin(), port("y", element(options_.dtype), sizes_));
        return {.graph = std::move(g), .about = options_.about};
    }

private:
    void layer(DescribedLayer const& l, std::size_t k) {
        if (!l.description) return function([&](Var x) { return l.call(x, where_); });
        if (l.description->rows) return embedding(*l.description->rows);
        std::string const prefix = model_.layers.size() > 1 ? fmt::format("{}.", k) : "";
        recurrent(*l.description, prefix);
    }

    // ---- what goes in -------------------------------------------------------------------------------------------------

    Size size(Sizes const& s) const {
        auto const& closed = options_.sizes;
        if (s == time) return closed ? Size{closed->time} : Size{-1, "time"};
        if (s == batch) return closed ? Size{closed->batch} : Size{-1, "batch"};
        return s.open() ? Size{-1, "size"} : Size{s.a};
    }
    Port port(std::string name, Element type, std::vector<Sizes> const& sizes) const {
        Port out{std::move(name), type};
        for (Sizes const& s : sizes) out.shape.push_back(size(s));
        return out;
    }
    /// Sequences [T,B,...], of which the elements have these shapes.
    void begin(std::vector<std::string> const& names, std::vector<Shape> const& shapes) {
        for (std::size_t k = 0; k < names.size(); ++k) {
            sizes_ = {time, batch};
            for (Index n : shapes[k]) sizes_.push_back({n, n});
            xs_.push_back(to_.name(names[k]));
            to_.main().inputs.push_back(port(xs_.back(), element(options_.dtype), sizes_));
        }
    }
    std::vector<Shape> given_shapes() const {
        if (!options_.inputs.empty()) return options_.inputs;
        return model_.features > 0 ? std::vector<Shape>{{model_.features}} : std::vector<Shape>();
    }

    // ---- layers -------------------------------------------------------------------------------------------------------

    void embedding(Param const& rows) {
        xs_    = {to_.name("x")};
        sizes_ = {time, batch};
        to_.main().inputs.push_back(port(xs_[0], Element::int64, sizes_));
        xs_ = {to_.add("Gather", {to_.parameter(rows), xs_[0]}, {{"axis", Index{0}}})};
        sizes_.push_back({rows.shape()[1], rows.shape()[1]});
    }

    void function(std::function<Var(Var)> const& f) {
        if (xs_.empty()) begin_function();
        StepPlan const a = plan(f, &Sizes::a), b = plan(f, &Sizes::b);
        StepWriter step(to_, a, b, where_);
        step.call_input(0, xs_[0]);
        step.write();
        xs_            = {step.result(0)};
        Shape const &s = a.results[0].window.shape, &t = b.results[0].window.shape;
        sizes_.clear();
        for (std::size_t k = 0; k < s.rank(); ++k) sizes_.push_back({s[k], t[k]});
    }
    void begin_function() {
        auto const shapes = given_shapes();
        if (shapes.size() != 1)
            throw ValueError(core::text(where_) +
                             ": write_onnx: the model does not say how many features come in: begin it "
                             "with nn::Input, or give OnnxOptions::inputs");
        begin({"x"}, shapes);
    }
    StepPlan plan(std::function<Var(Var)> const& f, Index Sizes::*which) const {
        Shape rest;
        for (std::size_t k = 1; k < sizes_.size(); ++k) rest.push_back(sizes_[k].*which);
        return plan_of(stateless(f), {.batch = sizes_[0].*which, .inputs = {rest}, .dtype = options_.dtype}, where_);
    }

    void recurrent(LayerDescription const& l, std::string const& prefix) {
        if (xs_.empty()) begin_recurrent(l);
        if (sizes_.size() < 2 || !(sizes_[0] == (l.batch_first ? batch : time)))
            throw ShapeError(core::text(where_) + ": write_onnx: a recurrent layer behind what gives no sequences");
        if (l.batch_first) xs_ = {to_.transposed(xs_[0], {1, 0, 2})}, std::swap(sizes_[0], sizes_[1]);
        std::vector<Given> states;
        auto const each = static_cast<std::size_t>(l.directions), n = l.cells.size() / each;
        for (std::size_t k = 0; k < n; ++k) {
            bool const last = l.last && k + 1 == n;
            run(std::span(l.cells).subspan(k * each, each),
                {.xs = xs_, .shapes = shapes(), .sizes = options_.sizes, .last = last}, states, n, prefix);
        }
        end_states(states);
        if (l.batch_first && !l.last) xs_ = {to_.transposed(xs_[0], {1, 0, 2})}, std::swap(sizes_[0], sizes_[1]);
    }
    void begin_recurrent(LayerDescription const& l) {
        PlannableCell const cell = l.cells[0].plannable(batch.a);
        auto shapes              = given_shapes();
        if (shapes.empty() && cell.inputs.size() == 1) shapes = {cell.input(where_)};
        if (shapes.size() != cell.inputs.size())
            throw ShapeError(
                fmt::format("{}: write_onnx: the cell takes {} inputs, and OnnxOptions::inputs has the shapes of {}",
                            core::text(where_), cell.inputs.size(), shapes.size()));
        begin(cell.inputs, shapes);
        if (l.batch_first)
            std::swap(to_.main().inputs[0].shape[0], to_.main().inputs[0].shape[1]), std::swap(sizes_[0], sizes_[1]);
        shapes_ = shapes;
    }
    /// Of the elements of the sequences.
    std::vector<Shape> shapes() {
        if (!shapes_.empty()) return std::exchange(shapes_, {});
        Shape out;
        for (std::size_t k = 2; k < sizes_.size(); ++k) out.push_back(sizes_[k].a);
        return {out};
    }

    // ---- states -------------------------------------------------------------------------------------------------------

    /// One part of the states of all layers.
    struct Given {
        std::string initial, name;  // before the first step, and after the last
        std::vector<Sizes> sizes;
        std::vector<std::string> last;  // by layer
    };

    void run(Directions cells, LayerInputs in, std::vector<Given>& states, std::size_t layers,
             std::string const& prefix) {
        if (options_.states) {
            if (states.empty()) begin_states(cells, states, layers, prefix);
            auto const D = std::ssize(cells), k = std::ssize(states[0].last);
            for (auto const& s : states)
                in.states.push_back(layers == 1 ? s.initial : to_.sliced(s.initial, 0, k * D, (k + 1) * D));
        }
        auto values = as_operator(to_, cells, in);
        if (!values) values = as_scan(to_, cells, in, where_);
        for (std::size_t p = 0; p < states.size(); ++p) states[p].last.push_back(values->states[p]);
        xs_    = {values->y};
        sizes_ = in.last ? std::vector<Sizes>{batch} : std::vector<Sizes>{time, batch};
        for (Index d : values->features) sizes_.push_back({d, d});
    }
    void begin_states(Directions cells, std::vector<Given>& states, std::size_t layers, std::string const& prefix) {
        PlannableCell const cell = cells[0].plannable(batch.a);
        auto const n             = static_cast<Index>(layers * cells.size());
        for (std::size_t p = 0; p < cell.names.size(); ++p) {
            std::string const& name = cell.names[p];
            Given s{to_.name(prefix + name + "_0"), to_.name(prefix + name + "_n"), {{n, n}, batch}, {}};
            Shape const shape = Shape::of(cell.zeros[p].shape());
            for (std::size_t k = 1; k < shape.rank(); ++k) s.sizes.push_back({shape[k], shape[k]});
            to_.main().inputs.push_back(port(s.initial, element(options_.dtype), s.sizes));
            states.push_back(std::move(s));
        }
    }
    void end_states(std::vector<Given> const& states) {
        for (auto const& s : states) {
            if (s.last.size() == 1) to_.add(Node{.op = "Identity", .inputs = s.last, .outputs = {s.name}});
            else
                to_.add(
                    Node{.op = "Concat", .inputs = s.last, .outputs = {s.name}, .attributes = {{"axis", Index{0}}}});
            to_.main().outputs.push_back(port(s.name, element(options_.dtype), s.sizes));
        }
    }

    ModelDescription const& model_;
    OnnxOptions const& options_;
    Where where_;
    Builder to_;
    std::vector<std::string> xs_;  // what goes to the next layer; none before the first
    std::vector<Sizes> sizes_;     // of it
    std::vector<Shape> shapes_;    // of the elements of what comes in
};

}  // namespace

Model model_of(ModelDescription const& model, OnnxOptions const& o, Where where) {
    return ModelWriter(model, o, where).run();
}

void write(std::string const& path, ModelDescription const& model, OnnxOptions const& o, Where where) {
    std::string const bytes = encoded(model_of(model, o, where));
    AtomicFile file(path);
    file.write(bytes), file.commit();
}

}  // namespace unspool::nn::onnx
