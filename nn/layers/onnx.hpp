// ONNX's operators RNN, GRU and LSTM (versions 7, 14 and 22): the shipped cells, with ONNX's weights, attributes and shapes.
//
// D is the number of directions, H that of hidden units, and G that of gates: 1, 3 (z r h) or 4 (i o f c).  For how the text of
// ONNX is read where it is not clear, see docs/decisions.md.
#pragma once
#include <span>
#include <string>
#include <unspool/nn/layers/onnx_activations.hpp>
#include <unspool/nn/layers/recurrent.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::nn::onnx {

struct Weights {
    xt::xarray<double> W;  ///< [D,G·H,I]
    xt::xarray<double> R;  ///< [D,G·H,H]
    xt::xarray<double> B =
        xt::xarray<double>::from_shape({0});  ///< [D,2·G·H], those of W first; without elements: no biases
    xt::xarray<double> P =
        xt::xarray<double>::from_shape({0});  ///< [D,3·H], i o f, of an LSTM; without elements: no peepholes
};

/// By the names that the operators give them.
struct Attributes {
    std::string direction = "forward";          ///< or "reverse", or "bidirectional", of which capitals do not matter
    Index hidden_size     = 0;                  ///< 0: that of R
    std::vector<std::string> activations = {};  ///< a direction's after the other's: f; f g; f g h.  None: the usual
    std::vector<double> activation_alpha = {};  ///< numbers of the activations that take one, in their order
    std::vector<double> activation_beta  = {};  ///< the same of those that take two
    std::optional<double> clip           = {};  ///< bounds what goes into an activation; c in h(c), too
    bool layout                          = false;  ///< the batch comes first
    bool input_forget                    = false;  ///< of an LSTM: f = 1 − i, and the weights of f are not looked at
    bool linear_before_reset             = false;  ///< of a GRU: Reset::after
};

/// What goes in beside X.
struct Inputs {
    std::span<Index const> sequence_lens = {};  ///< steps of each sequence; none: all there are
    /// [D,B,H], or [B,D,H] for layout 1; empty: zeros.
    Var initial_h = {}, initial_c = {};  ///< [D,B,H], or [B,D,H] for layout 1; empty: zeros
};

/// What comes out.
struct Outputs {
    Var Y;    ///< [T,D,B,H], or [B,T,D,H] for layout 1: 0 in steps that a sequence does not have
    Var Y_h;  ///< [D,B,H], or [B,D,H]: the state after a direction's last step
    Var Y_c;  ///< the same of an LSTM's cells, else empty
};

/// RNN, GRU or LSTM as ONNX defines them, on weights as ONNX has them.
template <class C> class Operator {
public:
    /// Makes the parameters of the cells, weight_ih_l0 … and those of the backward direction, weight_ih_l0_reverse …, in Unspool's
    /// order of gates, and loads the weights.  ShapeError unless these fit together, ValueError for attributes that cannot be; then no
    /// parameter was made.
    Operator(Params, Weights const&, Attributes const& = {}, Where = Where::here());

    /// X [T,B,I], or [B,T,I] for layout 1.  ShapeError unless the shapes fit, ValueError unless each length is in [0, T].
    Outputs operator()(Var X, Inputs const& = {}, Where = Where::here()) const;

    std::vector<Layer<C>> const& layers() const { return layers_; }  ///< one a direction

private:
    using State = typename Layer<C>::State;
    Given<State> given_to(std::size_t direction, Var xs, Inputs const&, Where) const;
    void require_state(Var state, Var xs, Where) const;

    std::vector<Layer<C>> layers_;
    bool batch_first_;
};

extern template class Operator<RNNCell>;
extern template class Operator<GRUCell>;
extern template class Operator<LSTMCell>;

/// `onnx::LSTM lstm(params / "lstm", {.W = W, .R = R, .B = B}, {.direction = "bidirectional", .clip = 3.0});`
/// `auto [Y, Y_h, Y_c] = lstm(X, {.sequence_lens = lengths});`
using RNN  = Operator<RNNCell>;
using GRU  = Operator<GRUCell>;   ///< the same of gated recurrent units
using LSTM = Operator<LSTMCell>;  ///< the same with cells

}  // namespace unspool::nn::onnx
