// Messages of onnx.proto3, field by field; unknown fields are passed over.
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/foreign.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/onnx/decode.hpp>
#include <unspool/nn/onnx/fields.hpp>
#include <unspool/nn/onnx/names.hpp>
#include <utility>

namespace unspool::nn::onnx {

namespace {

constexpr int deepest  = 4;  // graphs within graphs
constexpr Index oldest = 7, newest = 22;

class Decoder : Fields {
public:
    using Fields::Fields;

    Model model(std::string_view bytes) {
        Model out;
        bool graph_seen = false;
        out.opset       = 0;
        each(bytes, 0, [&](Field const& f) {
            if (f.number == 1) out.ir = integer(f);
            if (f.number == 6) out.about = text_of(f);
            if (f.number == 7) {
                if (std::exchange(graph_seen, true)) refuse(f.at, "there is a graph already");
                out.graph = graph(f, 1);
            }
            if (f.number == 8) opset(f, out.opset);
            if (f.number == 20 || f.number == 25) refuse(f.at, "functions and training are not read");
        });
        if (!graph_seen) refuse(bytes.size(), "there is no graph");
        if (out.opset == 0) refuse(bytes.size(), "it does not say which opset it is of");
        return out;
    }

private:
    void opset(Field const& message, Index& to) {
        std::string domain;
        Index version = 0;
        each(message, [&](Field const& f) {
            if (f.number == 1) domain = text_of(f);
            if (f.number == 2) version = integer(f);
        });
        if (!domain.empty() && domain != "ai.onnx") return;  // of operators that are refused where they are used
        if (version < oldest || version > newest)
            refuse(message.at, fmt::format("it is of opset {}, expected one of {} to {}", version, oldest, newest));
        to = version;
    }

    // ---- tensors ------------------------------------------------------------------------------------------------------

    Element type_of(Index n, std::size_t at) const {
        for (Element e : {Element::float32, Element::float64, Element::int32, Element::int64, Element::boolean})
            if (n == static_cast<Index>(e)) return e;
        refuse(at,
               fmt::format("elements of type {} are not read: float32 is 1, int32 6, int64 7, bool 9, float64 11", n));
    }
    template <class T> static void append(std::string& to, T x) {
        to.append(reinterpret_cast<char const*>(&x), sizeof x);
    }

    Tensor tensor(Field const& message) {
        Tensor out;
        out.type = Element::none;
        std::string floats, doubles, ints, raw;
        std::vector<Index> numbers;
        bool is_raw = false;
        each(message, [&](Field const& f) {
            if (f.number == 1) integers(f, [&](Index d) { axis(out.shape, d, f.at); });
            if (f.number == 2) out.type = type_of(integer(f), f.at);
            if (f.number == 4) floats += fixed(f, 4);
            if (f.number == 5 || f.number == 7) integers(f, [&](Index n) { numbers.push_back(n); });
            if (f.number == 8) out.name = name_of(f);
            if (f.number == 9) raw = bytes_of(f), is_raw = true;
            if (f.number == 12) out.fixed = text_of(f) == "fixed";
            if (f.number == 10) doubles += fixed(f, 8);
            if (f.number == 13 || (f.number == 14 && integer(f) != 0))
                refuse(f.at, "a tensor is in another file, which is not read");
        });
        if (out.type == Element::none) refuse(message.at, "a tensor has no type");
        if (is_raw) out.bytes = std::move(raw);
        else if (out.type == Element::float32) out.bytes = std::move(floats);
        else if (out.type == Element::float64) out.bytes = std::move(doubles);
        else
            for (Index n : numbers) append_integer(out, n);
        require_size(out, message.at);
        return out;
    }
    void append_integer(Tensor& to, Index n) const {
        if (to.type == Element::int64) append(to.bytes, n);
        else if (to.type == Element::int32) append(to.bytes, static_cast<std::int32_t>(n));
        else append(to.bytes, static_cast<std::uint8_t>(n != 0));
    }
    void axis(std::vector<Index>& shape, Index size, std::size_t at) const {
        if (shape.size() == Shape::max_rank) refuse(at, fmt::format("a tensor has more than {} axes", shape.size()));
        shape.push_back(size);
    }
    void require_size(Tensor const& t, std::size_t at) const {
        Index const n = elements_or_none(t.shape);
        if (n < 0) refuse(at, fmt::format("no array can have the shape {}", core::text(std::span(t.shape))));
        if (t.bytes.size() != static_cast<std::size_t>(n) * size_of(t.type))
            refuse(at, fmt::format("a tensor of {} {} has {} bytes", text(t.type), core::text(std::span(t.shape)),
                                   t.bytes.size()));
    }

    // ---- nodes --------------------------------------------------------------------------------------------------------

    /// What an attribute may hold; it has one of them.
    struct Values {
        float f                          = 0;
        Index i                          = 0;
        std::string s                    = {};
        std::optional<Tensor> t          = {};
        std::shared_ptr<Graph const> g   = {};
        std::vector<float> floats        = {};
        std::vector<Index> ints          = {};
        std::vector<std::string> strings = {};
    };
    Attribute attribute(Field const& message, int depth) {
        Attribute out;
        Values v;
        Index type = 0;
        each(message, [&](Field const& f) {
            switch (f.number) {
                case 1: out.name = name_of(f); break;
                case 2: v.f = real(f); break;
                case 3: v.i = integer(f); break;
                case 4: v.s = bytes_of(f); break;
                case 5: v.t = tensor(f); break;
                case 6: v.g = std::make_shared<Graph const>(graph(f, depth + 1)); break;
                case 7: reals(f, v.floats); break;
                case 8: integers(f, [&](Index n) { v.ints.push_back(n); }); break;
                case 9: v.strings.emplace_back(bytes_of(f)); break;
                case 20: type = integer(f); break;
                default: break;
            }
        });
        if (out.name.empty()) refuse(message.at, "an attribute has no name");
        out.value = chosen(std::move(v), type, message.at);
        return out;
    }
    void reals(Field const& f, std::vector<float>& to) const {
        std::string_view const all = fixed(f, 4);
        if (all.empty()) return;
        std::size_t const had = to.size();
        to.resize(had + all.size() / 4);
        std::memcpy(to.data() + had, all.data(), all.size());
    }
    Attribute::Value chosen(Values v, Index type, std::size_t at) const {
        switch (type) {
            case 1: return v.f;
            case 2: return v.i;
            case 3: return std::move(v.s);
            case 4:
                if (!v.t) break;
                return std::move(*v.t);
            case 5:
                if (!v.g) break;
                return std::move(v.g);
            case 6: return std::move(v.floats);
            case 7: return std::move(v.ints);
            case 8: return std::move(v.strings);
            default: break;
        }
        refuse(at, fmt::format("an attribute of type {} lacks its value, or is of none that is read", type));
    }

    Node node(Field const& message, int depth) {
        Node out;
        out.at = message.at;
        std::string domain;
        each(message, [&](Field const& f) {
            if (f.number == 1) out.inputs.push_back(name_of(f));
            if (f.number == 2) out.outputs.push_back(name_of(f));
            if (f.number == 4) out.op = name_of(f);
            if (f.number == 5) out.attributes.push_back(attribute(f, depth));
            if (f.number == 6) out.equation = text_of(f);
            if (f.number == 7) domain = text_of(f);
        });
        if (out.op.empty()) refuse(message.at, "a node has no operator");
        if (!domain.empty() && domain != "ai.onnx")
            refuse(message.at,
                   fmt::format("{} is an operator of {}, of which none is known", shown(out.op), shown(domain)));
        return out;
    }

    // ---- graphs -------------------------------------------------------------------------------------------------------

    Port port(Field const& message) {
        Port out{.type = Element::none, .any_shape = true};
        each(message, [&](Field const& f) {
            if (f.number == 1) out.name = name_of(f);
            if (f.number == 2)
                each(f, [&](Field const& type) {
                    if (type.number != 1) refuse(type.at, "what goes in or comes out is no tensor");
                    tensor_type(type, out);
                });
        });
        if (out.name.empty()) refuse(message.at, "what goes in or comes out has no name");
        return out;
    }
    void tensor_type(Field const& message, Port& out) {
        each(message, [&](Field const& f) {
            if (f.number == 1) out.type = type_of(integer(f), f.at);
            if (f.number != 2) return;
            out.any_shape = false;
            each(f, [&](Field const& dim) {
                if (dim.number == 1) out.shape.push_back(size(dim));
            });
        });
    }
    Size size(Field const& message) {
        Size out;
        each(message, [&](Field const& f) {
            if (f.number == 1) out.number = integer(f);
            if (f.number == 2) out.name = name_of(f);
        });
        return out;
    }

    Graph graph(Field const& message, int depth) {
        if (depth > deepest) refuse(message.at, fmt::format("graphs are within each other more than {} deep", deepest));
        Graph out;
        each(message, [&](Field const& f) {
            if (f.number == 1) out.nodes.push_back(node(f, depth));
            if (f.number == 2) out.name = text_of(f);
            if (f.number == 5) {
                out.initializers.push_back(tensor(f));
                if (out.initializers.back().name.empty()) refuse(f.at, "an initializer has no name");
            }
            if (f.number == 11) out.inputs.push_back(port(f));
            if (f.number == 12) out.outputs.push_back(port(f));
            if (f.number == 15) refuse(f.at, "sparse tensors are not read");
        });
        return out;
    }
};

}  // namespace

Model decoded(std::string_view bytes, std::string const& file) {
    std::string const other = core::format_beside_onnx(bytes);
    if (!other.empty()) throw FileError(fmt::format("{}: no ONNX file, but {}", file, other));
    Model out = Decoder(file).model(bytes);
    require_names(out.graph, file);
    return out;
}

}  // namespace unspool::nn::onnx
