// For libFuzzer: any bytes as an ONNX file give an error of Unspool, or a model that is written and read again the same, and runs or
// says why it cannot.
#include <cstdint>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/onnx/decode.hpp>
#include <unspool/nn/onnx/encode.hpp>
#include <unspool/nn/onnx/read.hpp>
#include <xtensor/xarray.hpp>

using namespace unspool;
using namespace unspool::core;
namespace onnx = unspool::nn::onnx;

namespace {

constexpr Index small = 2, most = 1 << 12;

void require(bool fine) {
    if (!fine) __builtin_trap();
}

/// Zeros and ones of what the file says that comes in; false where that is large.
bool add_input(Tape& tape, onnx::Port const& p, std::map<std::string, nn::OnnxModel::Input>& to) {
    std::vector<std::size_t> shape;
    std::size_t n = 1;
    for (auto const& s : p.shape) {
        if (s.number > 8) return false;
        shape.push_back(static_cast<std::size_t>(s.number < 0 ? small : s.number)), n *= shape.back();
    }
    if (shape.size() > Shape::max_rank || n > most) return false;
    if (p.any_shape) shape = {2, 2, 2};
    if (p.type == onnx::Element::float32 || p.type == onnx::Element::float64) {
        auto x = xt::xarray<float>::from_shape(shape);
        for (std::size_t k = 0; float& e : x) e = static_cast<float>(k++ % 3) - 1;
        to.emplace(p.name, tape.input(x));
    } else {
        auto x = xt::xarray<Index>::from_shape(shape);
        for (std::size_t k = 0; Index & e : x) e = static_cast<Index>(k++ % 2);
        to.emplace(p.name, indices(tape, x));
    }
    return true;
}

void run(std::span<std::byte const> bytes, onnx::Graph const& graph) {
    try {
        auto const model = nn::read_onnx(bytes, "memory", {.most_elements = most});
        static Tape tape;
        tape.rewind();
        std::map<std::string, nn::OnnxModel::Input> in;
        for (auto const& p : graph.inputs)
            if (!add_input(tape, p, in)) return;
        for (auto const& [name, y] : model.run(tape, in)) require(count(y.shape()) >= 0);
    } catch (Error const&) {}
}

void try_file(std::span<std::byte const> bytes) {
    std::string_view const text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    try {
        onnx::Model const model = onnx::decoded(text, "memory");
        std::string const once  = onnx::encoded(model);
        require(onnx::encoded(onnx::decoded(once, "memory")) == once);
        run(bytes, model.graph);
    } catch (FileError const&) {}
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    try_file(std::as_bytes(std::span(data, size)));
    return 0;
}
