// Long short-term memory, of Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000),
// as PyTorch parametrises it:
//     i = σ(W_i x + U_i h + b_i)       f = σ(W_f x + U_f h + b_f)
//     g = tanh(W_g x + U_g h + b_g)    o = σ(W_o x + U_o h + b_o)
//     c' = f ⊙ c + i ⊙ g               h' = o ⊙ tanh(c')
#pragma once
#include <optional>
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/modules/activation.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/nn/recurrence/recorder.hpp>

namespace unspool::nn {

/// What was done to it since.  Each option is by itself one of the changes that GreffVariant et al., "LSTM: a search space odyssey"
/// (2015), compare: nn::greff names them.
struct LSTMCellOptions {
    Bias bias        = Bias::with;  ///< of both products
    Index projection = 0;           ///< h' = W_hr (o ⊙ tanh(c')), of so many features (Sak et al., 2014); 0: none
    bool peepholes   = false;       ///< i and f see c, and o sees c' (Gers and Schmidhuber, 2000)
    bool coupled     = false;       ///< f = 1 − i, with no weights of its own
    bool layer_norm  = false;       ///< of W x, U h, and c' in h' (Ba, Kiros and Hinton, 2016)
    bool input_gate  = true;        ///< without: c' = f ⊙ c + g
    bool forget_gate = true;        ///< without: c' = c + i ⊙ g, as in 1997
    bool output_gate = true;        ///< without: h' = tanh(c')
    std::optional<double> forget_bias = {};     ///< what the two biases of f sum to at the start
    double clip                       = 0;      ///< c' is held within ±clip; 0: free
    Activation gate                   = {};     ///< of i, f and o: σ where there is none
    Activation candidate              = {};     ///< of g: tanh
    Activation output                 = {};     ///< of c' in h': tanh
    std::string suffix                = "_l0";  ///< of the parameters' names
};

class LSTMCell {
public:
    /// What goes from step to step: h [...,out], the output, and c [...,hidden], the cell.
    struct State {
        Var h, c;
    };
    using Options      = LSTMCellOptions;
    using KeepsNoVars  = LSTMCell;  ///< see CellThatForgets
    using SameEachStep = LSTMCell;  ///< see CellThatRepeats

    /// Parameters as in Gates, stacked in the order i f g o of those gates that there are; with options, also weight_hr
    /// [projection,hidden]; weight_ci, weight_cf and weight_co [hidden], the peepholes; norm_ih and norm_hh [gates hidden],
    /// norm_c and norm_c_bias [hidden].  ValueError unless the sizes are at least 1, and for options that contradict.
    LSTMCell(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here());

    /// One step: x [...,in], h [...,out], c [...,hidden].
    State operator()(Var x, State s, Where = Where::here()) const;
    State zeros(Tape& tape, Index batch) const { return {gates.zero_h(tape, batch), gates.zero_c(tape, batch)}; }

    void record(Recorder&, Index t, Var x, State const&) const;  ///< the gates: i f g o, of those that there are

    Index in() const { return gates.in(); }          ///< features of x
    Index out() const { return gates.U.in(); }       ///< of h: `hidden`, or `projection`
    Index hidden() const { return gates.hidden(); }  ///< of c

    bool forgets() const { return !options_.gate && !options_.candidate && !options_.output; }  ///< or who knows?
    Options const& options() const { return options_; }                                         ///< as they were given
    Param const* weight_ci() const { return extras_.ci; }  ///< the peepholes: null without
    Param const* weight_cf() const { return extras_.cf; }  ///< of f
    Param const* weight_co() const { return extras_.co; }  ///< of o

    Gates gates;  ///< W and U, of all gates stacked

private:
    struct Extras {
        Param *hr = nullptr, *ci = nullptr, *cf = nullptr, *co = nullptr;
        Param *norm_ih = nullptr, *norm_hh = nullptr, *norm_c = nullptr, *norm_c_bias = nullptr;

        void require_readable(Where) const;
    };
    static Extras extras(Params, GateSizes const&, Options const&, Where);
    void start_forget_gate(double bias);
    bool plain() const;
    State varied(Var x, State const&, Recorder*, Index t) const;
    Var preactivations(Var x, Var h) const;
    Var gate(Var z, Param* peephole, Var c) const;
    Var output(Var c, std::optional<Var> const& o) const;

    Options options_;
    Extras extras_;
};

}  // namespace unspool::nn
