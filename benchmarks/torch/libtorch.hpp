// libtorch as a peer, without its headers, which take half a minute to compile.  Knows nothing of Unspool.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../contest.hpp"

namespace bench::libtorch {

template <class T> struct Array {
    std::vector<std::int64_t> shape;
    std::vector<T> elements;
};

struct Parameter {
    std::string path;
    Array<float> value;
};
using Parameters = std::vector<Parameter>;

/// A layer: one of libtorch's own modules, "nn::LSTM", "nn::GRU" or "nn::RNN", or a cell written from operations, "LSTM", "MGU",
/// "Peephole LSTM", "Layer-norm LSTM" or "UGRNN".
struct Layer {
    std::string cell;
    Parameters parameters;
    Array<float> xs, h;  // the sequence [T,B,I], and all parts of the first state [B,H]
    int threads;
};
Ready forward_backward(Layer const&);

/// `length` times x = a * x + b, or x = tanh(a * x + b).
struct Chain {
    bool has_tanh, backward;
    int length, elements;
    float a, x, b;
};
Ready chain(Chain const&);

/// Training a language model of an embedding, the cell "MGU", and a linear layer: a segment of a text at each update.
struct Training {
    Parameters parameters;
    struct Segment {
        Array<std::int64_t> inputs, targets;  // [T,B]
    };
    std::function<Segment()> next;
    std::function<double(int)> rate_at;  // of learning, at an update
    double max_norm;
    int threads;
};
Ready train(Training const&);

}  // namespace bench::libtorch
