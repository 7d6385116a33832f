// Elements as numbers.
#include <cmath>
#include <cstring>
#include <limits>
#include <unspool/nn/onnx/graph.hpp>

namespace unspool::nn::onnx {

std::string_view text(Element e) {
    switch (e) {
        case Element::float32: return "float32";
        case Element::float64: return "float64";
        case Element::int32: return "int32";
        case Element::int64: return "int64";
        case Element::boolean: return "bool";
        case Element::none: break;
    }
    return "none";
}

std::size_t size_of(Element e) {
    switch (e) {
        case Element::float32:
        case Element::int32: return 4;
        case Element::float64:
        case Element::int64: return 8;
        case Element::boolean:
        case Element::none: break;
    }
    return 1;
}

namespace {

Index toward_zero(double x) {
    constexpr double most = 9e18;
    return std::isnan(x) ? 0 : static_cast<Index>(std::min(most, std::max(-most, x)));
}

template <class From, class To, class Convert> std::vector<To> converted(std::string const& bytes, Convert convert) {
    std::vector<To> out(bytes.size() / sizeof(From));
    for (std::size_t k = 0; k < out.size(); ++k) {
        From x;
        std::memcpy(&x, bytes.data() + k * sizeof x, sizeof x);
        out[k] = convert(x);
    }
    return out;
}
template <class To, class Convert> std::vector<To> converted(Tensor const& t, Convert convert) {
    switch (t.type) {
        case Element::float32: return converted<float, To>(t.bytes, convert);
        case Element::float64: return converted<double, To>(t.bytes, convert);
        case Element::int32: return converted<std::int32_t, To>(t.bytes, convert);
        case Element::int64: return converted<std::int64_t, To>(t.bytes, convert);
        case Element::boolean:
        case Element::none: break;
    }
    return converted<std::uint8_t, To>(t.bytes, convert);
}

}  // namespace

std::vector<double> Tensor::reals() const {
    return converted<double>(*this, [](auto x) { return static_cast<double>(x); });
}
std::vector<Index> Tensor::integers() const {
    return converted<Index>(*this, [](auto x) {
        if constexpr (std::is_floating_point_v<decltype(x)>) return toward_zero(static_cast<double>(x));
        else return static_cast<Index>(x);
    });
}

Attribute const* Node::attribute(std::string_view of) const {
    for (auto const& a : attributes)
        if (a.name == of) return &a;
    return nullptr;
}

}  // namespace unspool::nn::onnx
