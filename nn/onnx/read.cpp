// Initializers as parameters, and inputs by name.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/files/source.hpp>
#include <unspool/nn/onnx/decode.hpp>
#include <unspool/nn/onnx/encode.hpp>
#include <unspool/nn/onnx/read.hpp>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/nn/onnx/wire.hpp>
#include <xtensor/xadapt.hpp>

namespace unspool::nn {

using onnx::Element, onnx::Graph, onnx::Model, onnx::Port, onnx::Tensor, onnx::Value;

namespace {

bool is_real(Element e) { return e == Element::float32 || e == Element::float64; }

void require_known(Graph const& g, std::string const& file) {
    for (auto const& n : g.nodes) {
        if (!onnx::find_evaluator(n.op))
            onnx::refuse(file, n.at, fmt::format("the operator {} is not known", shown(n.op)));
        for (auto const& a : n.attributes)
            if (auto const* inner = std::get_if<std::shared_ptr<Graph const>>(&a.value)) require_known(**inner, file);
    }
}

void add(Params const& to, Tensor const& t, std::string const& file, Where where) {
    auto const numbers = t.reals();
    auto const array   = xt::adapt(numbers.data(), numbers.size(), xt::no_ownership(),
                                   std::vector<std::size_t>(t.shape.begin(), t.shape.end()));
    Params p           = to;
    try {
        if (t.fixed || t.shape.empty()) p.fixed(t.name, array, where);
        else p.trained(t.name, array, where);
    } catch (NameError const& e) { throw FileError(fmt::format("{}: {}", file, e.what())); }
}

/// Float64 where any is: then none loses digits.
Dtype widest(Graph const& g) {
    return std::any_of(g.initializers.begin(), g.initializers.end(),
                       [](Tensor const& t) { return t.type == Element::float64; })
               ? float64
               : float32;
}

bool initialized(Graph const& g, std::string const& name) {
    return std::any_of(g.initializers.begin(), g.initializers.end(), [&](Tensor const& t) { return t.name == name; });
}

void require_shape(Port const& p, Shape const& s, Where where) {
    bool fits = p.any_shape || p.shape.size() == s.rank();
    for (std::size_t k = 0; fits && k < p.shape.size(); ++k)
        fits = !p.shape[k].name.empty() || p.shape[k].number < 0 || p.shape[k].number == s[k];
    if (fits) return;
    std::vector<std::string> sizes;
    for (auto const& d : p.shape) sizes.push_back(d.name.empty() ? fmt::format("{}", d.number) : shown(d.name));
    throw ShapeError(fmt::format("{}: the input {} is {}, expected [{}]", core::text(where), shown(p.name),
                                 core::text(s), fmt::join(sizes, ",")));
}

Value value_of(OnnxModel::Input const& in) {
    if (auto const* x = std::get_if<Var>(&in)) return {*x};
    auto const& i = std::get<Indices>(in);
    return {std::vector<Index>(i.numbers.begin(), i.numbers.end()), i.shape};
}

}  // namespace

OnnxModel::OnnxModel(Model model, std::string file, OnnxReadOptions const& options, Where where)
    : file_(std::move(file)), options_(options), params_(0, widest(model.graph)) {
    require_known(model.graph, file_);
    for (auto& t : model.graph.initializers) {
        if (!is_real(t.type)) continue;
        add(params_, t, file_, where);
        t.bytes.clear(), t.bytes.shrink_to_fit();
    }
    model_ = std::make_shared<Model const>(std::move(model));
}

std::vector<std::string> OnnxModel::inputs() const {
    std::vector<std::string> out;
    for (auto const& p : model_->graph.inputs)
        if (!initialized(model_->graph, p.name)) out.push_back(p.name);
    return out;
}
std::vector<std::string> OnnxModel::outputs() const {
    std::vector<std::string> out;
    for (auto const& p : model_->graph.outputs) out.push_back(p.name);
    return out;
}

std::map<std::string, Var> OnnxModel::run(Tape& tape, std::map<std::string, Input> const& given, Where where) const {
    Graph const& g = model_->graph;
    Attempt const attempt(tape);
    onnx::Scope scope;
    for (auto const& t : g.initializers)
        scope.values.emplace(t.name, is_real(t.type) ? Value(tape.lift(params_[t.name], where))
                                                     : Value(t.integers(), Shape(std::span<Index const>(t.shape))));
    for (auto const& p : g.inputs) {
        auto const in = given.find(p.name);
        if (in == given.end() && scope.values.contains(p.name)) continue;
        if (in == given.end())
            throw NameError(fmt::format("{}: the input {} is missing", core::text(where), shown(p.name)));
        Value v = value_of(in->second);
        if (v.is_real() && !is_real(p.type) && p.type != Element::none)
            throw TypeError(fmt::format("{}: the input {} is of reals, expected {}", core::text(where), shown(p.name),
                                        onnx::text(p.type)));
        require_shape(p, v.shape(where), where);
        scope.values.insert_or_assign(p.name, std::move(v));
    }
    for (auto const& entry : given)
        if (std::none_of(g.inputs.begin(), g.inputs.end(), [&](Port const& p) { return p.name == entry.first; }))
            throw NameError(fmt::format("{}: there is no input {}; there are: {}", core::text(where),
                                        shown(entry.first), shown_list(inputs())));
    onnx::Evaluation{tape, file_, model_->opset, options_.most_elements, where}(g, scope);
    std::map<std::string, Var> out;
    for (auto const& p : g.outputs)
        if (Value const& v = *scope.find(p.name); v.is_real()) out.emplace(p.name, v.real(where));
    return out;
}

Var OnnxModel::first(Tape& tape, Input in, Where where) const {
    auto const names = inputs();
    if (names.size() != 1)
        throw ValueError(fmt::format("{}: the model has {} inputs: {}; give them to run()", core::text(where),
                                     names.size(), shown_list(names)));
    auto const all = run(tape, {{names[0], std::move(in)}}, where);
    auto const y   = model_->graph.outputs.empty() ? all.end() : all.find(model_->graph.outputs[0].name);
    if (y == all.end()) throw ValueError(core::text(where) + ": the model's first output is not of reals");
    return y->second;
}
Var OnnxModel::operator()(Var x, Where where) const { return first(x.tape(where), x, where); }
Var OnnxModel::operator()(Tape& tape, Indices const& n, Where where) const { return first(tape, n, where); }

void OnnxModel::write(std::string const& path) const {
    Model out = *model_;
    for (auto& t : out.graph.initializers) {
        if (!is_real(t.type)) continue;
        dispatch(t.type == Element::float32 ? float32 : float64, [&](auto e) {
            auto const all = params_[t.name].dtype() == float32
                                 ? xt::xarray<decltype(e)>(params_[t.name].value<float>())
                                 : xt::xarray<decltype(e)>(params_[t.name].value<double>());
            t.bytes        = tensor_of({}, t.type, t.shape, all.data()).bytes;
        });
    }
    AtomicFile file(path);
    file.write(onnx::encoded(out)), file.commit();
}

OnnxModel read_onnx(std::string const& path, OnnxReadOptions const& options, Where where) {
    return {onnx::decoded(Source(path).all(), path), path, options, where};
}
OnnxModel read_onnx(std::span<std::byte const> bytes, std::string const& name, OnnxReadOptions const& options,
                    Where where) {
    return {onnx::decoded({reinterpret_cast<char const*>(bytes.data()), bytes.size()}, name), name, options, where};
}

}  // namespace unspool::nn
