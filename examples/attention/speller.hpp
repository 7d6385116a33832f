// An encoder, and a decoder that looks at what the encoder said: Bahdanau, Cho and Bengio, "Neural machine translation by jointly
// learning to align and translate" (2015), in small.  Strings of letters become other strings of letters.
#pragma once
#include <unspool.hpp>

namespace attention {

using namespace unspool;

constexpr Index letters = 26, end = letters, symbols = letters + 1;  // `end` is also what the decoder is given first

using Strings = nn::Batch<Symbols, Symbols>;

class Speller {
public:
    Speller(Params p, Index width, Index hidden)
        : embed(p / "embed", symbols, width)
        , encoder(p / "encoder", width, hidden)
        , bridge(p / "bridge", hidden, hidden)
        , attend(p / "attend", hidden, 2 * hidden, hidden)
        , decoder(p / "decoder", width + 2 * hidden, hidden)
        , out(p / "out", hidden, symbols) {}

    /// Logits [T,B,symbols] of the letters of the targets, each from the true letters before it: teacher forcing.
    Var taught(Tape&, Strings const&) const;
    /// The letters [T,B] that it writes by itself, in so many steps: what it said is what it is given next.
    xt::xtensor<Index, 2> written(Tape&, Strings const&, Index steps, Recorder* = nullptr) const;

    nn::Embedding embed;
    nn::Bidirectional<nn::GRUCell> encoder;
    nn::Linear bridge;
    nn::AdditiveAttention attend;
    nn::GRUCell decoder;
    nn::Linear out;

private:
    /// A step of the decoder over one batch: a cell like any other.
    struct Step {
        Speller const& of;
        nn::Memory memory;

        Var operator()(Var x, Var h) const;
        void record(Recorder&, Index t, Var x, Var h) const;  ///< the weights [B,T], as "weights"
    };
    struct Read {
        Step step;
        Var state;
    };
    Read read(Tape&, Strings const&) const;
};

}  // namespace attention
