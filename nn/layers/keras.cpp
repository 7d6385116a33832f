// How Keras's layers start.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/layers/keras.hpp>
#include <unspool/nn/modules/init.hpp>

namespace unspool::keras {

Index known(Index in, std::string_view layer, Where where) {
    if (in < 1)
        throw ValueError(
            fmt::format("{}: Sequential: {} does not know how many features come in: begin with nn::Input, "
                        "or an embedding",
                        text(where), layer));
    return in;
}

namespace {

void start(Param& p, Random& random, Index units) {
    std::string_view const path = p.path(), name = path.substr(path.rfind('.') + 1);
    if (name.starts_with("bias")) nn::init::constant(p, 0);
    else if (name.starts_with("weight_hh")) nn::init::orthogonal(p, random, 1, p.shape()[0] / units);
    else if (p.shape().size() == 2) nn::init::glorot_uniform(p, random);
}

}  // namespace

void start(Params const& of_layer, Index units) {
    for (Param* p : of_layer.all()) start(*p, of_layer.random(), units);
}

void start_forget_gates(Params const& of_lstm, nn::LSTMCellOptions const& o) {
    bool const all = o.input_gate && o.forget_gate && o.output_gate && !o.coupled;
    if (all && o.bias == nn::Bias::with) nn::init::forget_bias(of_lstm, o.forget_bias.value_or(1));
}

Embedding::Made Embedding::make(Params p, Index, Where where) const {
    Made made{nn::Embedding(p, count, dim, {}, where)};
    nn::init::uniform(made.embedding.weight, p.random(), -0.05, 0.05);
    return made;
}

Dense::Made Dense::make(Params p, Index in, Where where) const {
    Made made{nn::Linear(p, known(in, "Dense", where), units, nn::Bias::with, where), activation};
    start(p, units);
    return made;
}

}  // namespace unspool::keras
