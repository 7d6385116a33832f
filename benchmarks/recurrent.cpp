// Recurrent layers, written from operations, against oneDNN's kernels; and how they do with long sequences.
#include "recurrent.hpp"

#include <algorithm>
#include <memory>

#include "layers.hpp"
#include "onednn_rnn.hpp"

namespace bench {

namespace {

using unspool::Params;

Cell kind_of(std::string const& cell) { return cell == "LSTM" ? Cell::lstm : cell == "GRU" ? Cell::gru : Cell::rnn; }

/// PyTorch's blocks r z n in oneDNN's order, z r n.
void swap_first_blocks(std::span<float> blocks, std::size_t size) {
    std::swap_ranges(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(size),
                     blocks.begin() + static_cast<std::ptrdiff_t>(size));
}

/// Biases are added up, but for those of a GRU's last block, which stand one behind the other.
void fill_bias(std::span<float> to, std::span<float const> b, std::span<float const> c, bool gru) {
    std::size_t const units = to.size() / 4, added = gru ? 2 * units : to.size();
    std::transform(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(added), c.begin(), to.begin(), std::plus());
    if (!gru) return;
    std::ranges::copy(b.last(units), to.begin() + static_cast<std::ptrdiff_t>(2 * units));
    std::ranges::copy(c.last(units), to.begin() + static_cast<std::ptrdiff_t>(3 * units));
}

std::span<float const> elements(Params const& params, std::string const& name) {
    auto const& p = params[name];
    return {static_cast<float const*>(p.data()), static_cast<std::size_t>(p.count())};
}

void fill(OneDnnRnn& peer, Cell cell, Params const& params, Inputs const& inputs) {
    using enum RnnTensor;
    std::ranges::copy(inputs.xs, peer.value(input).begin());
    std::ranges::copy(inputs.h, peer.value(initial_hidden).begin());
    if (cell == Cell::lstm) std::ranges::copy(inputs.h, peer.value(initial_cell).begin());
    std::ranges::copy(elements(params, "weight_ih_l0"), peer.value(input_weight).begin());
    std::ranges::copy(elements(params, "weight_hh_l0"), peer.value(hidden_weight).begin());
    fill_bias(peer.value(bias), elements(params, "bias_ih_l0"), elements(params, "bias_hh_l0"), cell == Cell::gru);
    if (cell == Cell::gru)
        for (RnnTensor t : {input_weight, hidden_weight, bias})
            swap_first_blocks(peer.value(t), peer.value(t).size() / (t == bias ? 4 : 3));
    std::ranges::fill(peer.gradient(output), 0.5f);
}

std::vector<Contender> onednn(CellKind const& kind, RnnShape const& s, Pass pass, int threads) {
    return {{"oneDNN", [=]() -> Ready {
                 Cell const cell = kind_of(kind.name);
                 auto const peer = std::make_shared<OneDnnRnn>(cell, s, threads);
                 fill(*peer, cell, kind.params(s), Inputs(s));
                 auto const run = pass == Pass::forward ? &OneDnnRnn::infer : &OneDnnRnn::forward_backward;
                 return {[=] { ((*peer).*run)(); },
                         [=] {
                             auto const y = peer->value(RnnTensor::output);
                             return std::vector<float>(y.begin(), y.end());
                         }};
             }}};
}

}  // namespace

std::vector<Contest> recurrent_contests() {
    return layer_contests(shipped_cells(), {Pass::forward_backward, Pass::forward}, onednn);
}

std::vector<Contest> custom_cell_contests() { return layer_contests(custom_cells(), {Pass::forward_backward}, nobody); }

std::vector<Contest> streaming_contests() { return stream_contests(shipped_cells(), onednn); }

std::vector<Contest> scaling_contests() {
    std::vector<Contest> out;
    for (std::size_t steps : {100, 1000, 10'000, 100'000}) {
        Contest& c =
            out.emplace_back(layer_contest(shipped_cells()[0], {steps, 1, 32, 32}, Pass::forward_backward, 1, onednn));
        double const n = static_cast<double>(steps);
        c.speed        = nanoseconds_per("step", n);
        c.memory       = bytes_per("step", n);
    }
    return out;
}

}  // namespace bench
