// What an ONNX file holds, as values: tensors, nodes, graphs.  It knows no bytes, and no operator.
#pragma once
#include <memory>
#include <string>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <variant>
#include <vector>

namespace unspool::nn::onnx {

/// The element types that are known here, by their numbers in the format.
enum class Element : std::uint8_t { none = 0, float32 = 1, int32 = 6, int64 = 7, boolean = 9, float64 = 11 };
constexpr Element element(Dtype d) { return d == core::float32 ? Element::float32 : Element::float64; }
std::string_view text(Element);
std::size_t size_of(Element);  ///< in bytes

struct Tensor {
    std::string name         = {};
    Element type             = Element::float32;
    std::vector<Index> shape = {};
    std::string bytes        = {};     // of the elements, little-endian, the last axis fastest
    bool fixed               = false;  // of an initializer: it is not trained

    std::size_t count() const { return bytes.size() / size_of(type); }
    std::vector<double> reals() const;    ///< of any type
    std::vector<Index> integers() const;  ///< of any type: toward 0
};
template <class T> Tensor tensor_of(std::string name, Element type, std::vector<Index> shape, T const* data) {
    Tensor out{std::move(name), type, std::move(shape), {}, false};
    std::size_t n = sizeof(T);
    for (Index d : out.shape) n *= static_cast<std::size_t>(d);
    out.bytes.assign(reinterpret_cast<char const*>(data), n);
    return out;
}

struct Graph;

struct Attribute {
    using Value = std::variant<float, Index, std::string, Tensor, std::shared_ptr<Graph const>, std::vector<float>,
                               std::vector<Index>, std::vector<std::string>>;
    std::string name;
    Value value;
};

struct Node {
    std::string op                  = {};
    std::vector<std::string> inputs = {}, outputs = {};  // names; "" where there is none
    std::vector<Attribute> attributes = {};
    std::string equation              = {};  // for who reads the file
    std::size_t at                    = 0;   // byte of the file

    /// Null where there is none, or of another type.
    template <class T> T const* find(std::string_view name) const {
        for (auto const& a : attributes)
            if (a.name == name) return std::get_if<T>(&a.value);
        return nullptr;
    }
    Attribute const* attribute(std::string_view name) const;
};

/// A size: a number, or a name for what is known when the model runs.
struct Size {
    Index number     = -1;
    std::string name = {};
};

/// How long sequences are and how many there are, where that is not open.
struct ClosedSizes {
    Index time, batch;
};

/// What goes in or comes out.
struct Port {
    std::string name        = {};
    Element type            = Element::float32;
    std::vector<Size> shape = {};
    bool any_shape          = false;  // nothing is said of it
};

struct Graph {
    std::string name                 = {};
    std::vector<Node> nodes          = {};  // in the order of computation
    std::vector<Tensor> initializers = {};
    std::vector<Port> inputs = {}, outputs = {};
};

struct Model {
    static constexpr Index usual_opset = 14;

    Graph graph       = {};
    Index ir          = 7;
    Index opset       = usual_opset;
    std::string about = {};
};

}  // namespace unspool::nn::onnx
