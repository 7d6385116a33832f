// Reads as much of ONNX's files as one node and its tensors are: protobuf's wire format, onnx.proto's field numbers.
#pragma once
#include <algorithm>
#include <boost/filesystem.hpp>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <xtensor/xarray.hpp>

namespace onnx_files {

/// A message as its fields, one after the other.
class Message {
public:
    struct Field {
        std::uint64_t number = 0, value = 0;
        std::string_view bytes = {};  // of a string, or of a message within
    };

    explicit Message(std::string_view bytes) : left_(bytes) {}

    bool more() const { return !left_.empty(); }
    Field next() {
        auto const key = varint();
        Field f{.number = key >> 3};
        switch (key & 7) {
            case 0: f.value = varint(); return f;
            case 2: f.bytes = take(varint()); return f;
            case 5: f.bytes = take(4); return f;
            case 1: f.bytes = take(8); return f;
            default: throw std::runtime_error("not a message of protobuf");
        }
    }
    template <class F> void each(F f) {
        while (more()) f(next());
    }

private:
    std::string_view take(std::uint64_t n) {
        if (n > left_.size()) throw std::runtime_error("a message of protobuf ends early");
        auto const out = left_.substr(0, n);
        left_.remove_prefix(n);
        return out;
    }
    std::uint64_t varint() {
        std::uint64_t out = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto const byte = static_cast<unsigned char>(take(1)[0]);
            out |= std::uint64_t{byte & 127u} << shift;
            if (byte < 128) return out;
        }
        throw std::runtime_error("a number of protobuf has no end");
    }

    std::string_view left_;
};

struct Tensor {
    std::string name;
    xt::xarray<double> value;
};

inline std::string contents(boost::filesystem::path const& file) {
    std::ifstream in(file.string(), std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class N> void copy_raw(std::string_view raw, xt::xarray<double>& to) {
    if (raw.size() != to.size() * sizeof(N)) throw std::runtime_error("a tensor has another size than its shape");
    for (std::size_t k = 0; double& x : to) {
        N n;
        std::memcpy(&n, raw.data() + sizeof n * k++, sizeof n);
        x = static_cast<double>(n);
    }
}

/// TensorProto, of float32 (1) or int32 (6) in raw form.
inline Tensor tensor(boost::filesystem::path const& file) {
    std::string const bytes = contents(file);
    Tensor out;
    std::vector<std::size_t> shape;
    std::uint64_t type = 0;
    std::string_view raw;
    Message(bytes).each([&](Message::Field const& f) {
        if (f.number == 1) shape.push_back(f.value);
        if (f.number == 2) type = f.value;
        if (f.number == 8) out.name = f.bytes;
        if (f.number == 9) raw = f.bytes;
    });
    out.value = xt::xarray<double>::from_shape(shape);
    if (type != 1 && type != 6) throw std::runtime_error("a tensor is neither float32 nor int32");
    type == 1 ? copy_raw<float>(raw, out.value) : copy_raw<std::int32_t>(raw, out.value);
    return out;
}

struct OperatorNode {
    std::string op;
    std::vector<std::string> inputs, outputs;      // names; empty where there is none
    std::map<std::string, std::int64_t> integers;  // attributes
};

inline void add_attribute(OperatorNode& to, std::string_view bytes) {
    std::string name;
    std::uint64_t type = 0;
    std::int64_t i     = 0;
    Message(bytes).each([&](Message::Field const& f) {
        if (f.number == 1) name = f.bytes;
        if (f.number == 3) i = static_cast<std::int64_t>(f.value);
        if (f.number == 20) type = f.value;
    });
    if (type != 2) throw std::runtime_error("attribute " + name + " is no integer: teach this reader to read it");
    to.integers[name] = i;
}

/// NodeProto.
inline OperatorNode node(std::string_view bytes) {
    OperatorNode out;
    Message(bytes).each([&](Message::Field const& f) {
        if (f.number == 1) out.inputs.emplace_back(f.bytes);
        if (f.number == 2) out.outputs.emplace_back(f.bytes);
        if (f.number == 4) out.op = f.bytes;
        if (f.number == 5) add_attribute(out, f.bytes);
    });
    return out;
}

/// The nodes of ModelProto's graph.
inline std::vector<OperatorNode> nodes(boost::filesystem::path const& file) {
    std::string const bytes = contents(file);
    std::vector<OperatorNode> out;
    Message(bytes).each([&](Message::Field const& model) {
        if (model.number != 7) return;
        Message(model.bytes).each([&](Message::Field const& graph) {
            if (graph.number == 1) out.push_back(node(graph.bytes));
        });
    });
    return out;
}

}  // namespace onnx_files
