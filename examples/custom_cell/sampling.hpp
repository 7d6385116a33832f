// Text that a model makes up, one character at a time.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <unspool/autograd/array/random.hpp>
#include <vector>

#include "model.hpp"
#include "text.hpp"

namespace custom_cell {

/// A number drawn with the probabilities softmax(logits / temperature).
inline Index draw(std::span<float const> logits, double temperature, Random& random) {
    double const top = *std::max_element(logits.begin(), logits.end());
    std::vector<double> up_to;  // running sums
    for (float x : logits) up_to.push_back((up_to.empty() ? 0 : up_to.back()) + std::exp((x - top) / temperature));
    auto const drawn = std::upper_bound(up_to.begin(), up_to.end(), random.uniform() * up_to.back());
    return std::min<Index>(drawn - up_to.begin(), static_cast<Index>(logits.size()) - 1);
}

/// So many bytes, as if at the beginning of a line.
template <class Cell>
std::string sample(Model<Cell> const& model, Text const& text, Index length, double temperature, std::uint64_t seed) {
    Random random(seed);
    Tape tape;
    Pause const pause(tape);
    Stateful<typename Model<Cell>::State> carried;
    std::string out;
    auto const newline = text.symbols.find('\n');
    for (Index last = newline == std::string::npos ? 0 : static_cast<Index>(newline); length > 0; --length) {
        tape.rewind();
        auto const [logits, state] =
            model(tape, xt::xtensor<Index, 2>{{last}}, carried.on(tape, model.cell.zeros(tape, 1)));
        carried.save(state);
        auto const values = logits.template value<float>();
        last = draw({values.data(), static_cast<std::size_t>(text.number_of_symbols())}, temperature, random);
        out += text.symbols[static_cast<std::size_t>(last)];
    }
    return out;
}

}  // namespace custom_cell
