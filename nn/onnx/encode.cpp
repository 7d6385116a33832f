// Messages of onnx.proto3, field by field, in the order of their numbers.
#include <unspool/nn/onnx/encode.hpp>
#include <unspool/nn/onnx/wire.hpp>

namespace unspool::nn::onnx {

namespace {

std::string graph(Graph const&);

std::string tensor(Tensor const& t) {
    WireWriter w;
    for (Index d : t.shape) w.integer(1, d);
    w.integer(2, static_cast<int>(t.type));
    if (!t.name.empty()) w.bytes(8, t.name);
    w.bytes(9, t.bytes);
    if (t.fixed) w.bytes(12, "fixed");
    return w.written();
}

struct AttributeWriter {
    WireWriter& w;

    void operator()(float x) { w.real(2, x), type(1); }
    void operator()(Index n) { w.integer(3, n), type(2); }
    void operator()(std::string const& s) { w.bytes(4, s), type(3); }
    void operator()(Tensor const& t) { w.bytes(5, tensor(t)), type(4); }
    void operator()(std::shared_ptr<Graph const> const& g) { w.bytes(6, graph(*g)), type(5); }
    void operator()(std::vector<float> const& all) {
        for (float x : all) w.real(7, x);
        type(6);
    }
    void operator()(std::vector<Index> const& all) {
        for (Index n : all) w.integer(8, n);
        type(7);
    }
    void operator()(std::vector<std::string> const& all) {
        for (auto const& s : all) w.bytes(9, s);
        type(8);
    }
    void type(int n) { w.integer(20, n); }
};

std::string attribute(Attribute const& a) {
    WireWriter w;
    w.bytes(1, a.name);
    std::visit(AttributeWriter{w}, a.value);
    return w.written();
}

std::string node(Node const& n) {
    WireWriter w;
    for (auto const& x : n.inputs) w.bytes(1, x);
    for (auto const& y : n.outputs) w.bytes(2, y);
    w.bytes(4, n.op);
    for (auto const& a : n.attributes) w.bytes(5, attribute(a));
    if (!n.equation.empty()) w.bytes(6, n.equation);
    return w.written();
}

std::string port(Port const& p) {
    WireWriter shape, type, either, w;
    for (Size const& s : p.shape) {
        WireWriter size;
        if (s.name.empty()) size.integer(1, s.number);
        else size.bytes(2, s.name);
        shape.bytes(1, size.written());
    }
    type.integer(1, static_cast<int>(p.type));
    if (!p.any_shape) type.bytes(2, shape.written());
    either.bytes(1, type.written());
    w.bytes(1, p.name), w.bytes(2, either.written());
    return w.written();
}

std::string graph(Graph const& g) {
    WireWriter w;
    for (auto const& n : g.nodes) w.bytes(1, node(n));
    w.bytes(2, g.name);
    for (auto const& t : g.initializers) w.bytes(5, tensor(t));
    for (auto const& p : g.inputs) w.bytes(11, port(p));
    for (auto const& p : g.outputs) w.bytes(12, port(p));
    return w.written();
}

}  // namespace

std::string encoded(Model const& m) {
    WireWriter opset, w;
    opset.bytes(1, ""), opset.integer(2, m.opset);
    w.integer(1, m.ir), w.bytes(2, "unspool");
    if (!m.about.empty()) w.bytes(6, m.about);
    w.bytes(7, graph(m.graph)), w.bytes(8, opset.written());
    return w.written();
}

}  // namespace unspool::nn::onnx
