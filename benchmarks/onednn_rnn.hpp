// oneDNN's own recurrent layers as a peer to time and compare with: one layer, one direction, float32.
// Knows nothing of Unspool; the caller fills the tensors, runs a pass and reads the results.
#pragma once

#include "shapes.hpp"

#include <memory>
#include <span>
#include <string>

namespace bench {

enum class Cell { rnn, lstm, gru };

// The equations, with W (G, H, I), U (G, H, H) and b (gates, H) in row-major blocks of one gate each:
//   rnn   h' = tanh(W x + U h + b)                                                 one gate
//   lstm  gates i, f, g, o as PyTorch's; b is PyTorch's b_ih + b_hh
//   gru   gates u, r, o:  h' = u * h + (1 - u) * tanh(W_o x + b[2] + r * (U_o h + b[3]))   (lbr_gru)
//         PyTorch's blocks r, z, n are oneDNN's 1, 0, 2; b[0], b[1] are sums of PyTorch's two, b[2] is b_in, b[3] b_hn
// W and U have therefore the layout of PyTorch's weight_ih (G H, I) and weight_hh (G H, H).
enum class RnnTensor {
    input,           // (T, B, I)
    initial_hidden,  // (B, H)
    initial_cell,    // (B, H), lstm only, as final_cell
    input_weight,    // (G, H, I)
    hidden_weight,   // (G, H, H)
    bias,            // (G, H); gru (4, H)
    output,          // (T, B, H)
    final_hidden,    // (B, H)
    final_cell,      // (B, H)
};

// What a training step pays for. The kernels want weights in blocked layouts of their own choice and weights change
// at every update, so a step reorders them for both passes and reorders their gradients back: `every_step`.
// `kept` leaves that out, as if an optimiser worked on the blocked layouts: a lower bound. The weights that a `kept`
// peer computes with are those at the last `pack_weights`, and its weight gradients appear after `unpack_gradients`.
enum class Packing { every_step, kept };

class OneDnnRnn {
public:
    // The kernels are generated for this many OpenMP threads, and every pass sets that number for its calling thread.
    OneDnnRnn(Cell cell, RnnShape const& shape, int threads, Packing packing = Packing::every_step);
    ~OneDnnRnn();
    OneDnnRnn(OneDnnRnn&&) noexcept;
    OneDnnRnn& operator=(OneDnnRnn&&) noexcept;

    // Without what a backward pass would need.
    void infer();
    // Forward for training: the outputs and the workspace of the backward pass.
    void forward();
    // The gradients of sum(output * gradient(output)) + the same over the final states; all but those three are
    // overwritten. Starts out with gradient(output) all zero.
    void forward_backward();

    void pack_weights();
    void unpack_gradients();

    // Memory of this peer, valid as long as it; all zero at the start.
    [[nodiscard]] std::span<float> value(RnnTensor tensor) const;
    [[nodiscard]] std::span<float> gradient(RnnTensor tensor) const;

    // The names oneDNN gives to its implementations of the two training passes.
    [[nodiscard]] std::string implementation() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bench
