// An encoder, and a decoder with Bahdanau, Cho and Bengio's attention (2015), as in PyTorch's tutorial "NLP from scratch: translation with
// a sequence to sequence network and attention".
#pragma once
#include <unspool.hpp>

namespace translation {

using namespace unspool;

using Sentences = nn::Batch<Symbols, Symbols>;

class Translator {
public:
    Translator(Params p, Index words_read, Index words_said, Index hidden)
        : read_words(p / "encoder/embedding", words_read, hidden)
        , encoder(p / "encoder/gru", hidden, hidden)
        , said_words(p / "decoder/embedding", words_said, hidden)
        , attend(p / "decoder/attention", hidden, hidden, hidden)
        , decoder(p / "decoder/gru", 2 * hidden, hidden)
        , out(p / "decoder/out", hidden, words_said) {}

    /// Logits [T,B,words] of the targets' words, each from the true words before it, `end` before the first.  Dropout, if random.
    Var taught(Tape&, Sentences const&, Index end, Random*) const;
    /// The words [T,B] that it says by itself, in so many steps: what it said is what it is given next.
    xt::xtensor<Index, 2> said(Tape&, Sentences const&, Index end, Index steps, Recorder* = nullptr) const;

    nn::Embedding read_words;
    nn::GRUCell encoder;
    nn::Embedding said_words;
    nn::AdditiveAttention attend;
    nn::GRUCell decoder;
    nn::Linear out;

private:
    /// A step of the decoder over one batch: a cell like any other.
    struct Step {
        Translator const& of;
        nn::Memory memory;

        Var operator()(Var word, Var h) const;
        void record(Recorder&, Index t, Var word, Var h) const;  ///< the weights [B,T], as "weights"
    };
    struct Read {
        Step step;
        Var state;
    };
    Read read(Tape&, Sentences const&, Random*) const;
};

}  // namespace translation
