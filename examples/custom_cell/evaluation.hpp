// The loss of a model on the part of a text that it was not trained on.
#pragma once
#include <algorithm>

#include "model.hpp"
#include "readers.hpp"
#include "text.hpp"

namespace custom_cell {

/// A part of a text, cut into rows of equal length that are read side by side.
class ValidationRows {
public:
    static constexpr Index ignored = -100;  // what stands for targets beyond the end

    /// The characters from `begin` on are to be predicted, each from those before it in its row.
    ValidationRows(Text const& text, Index begin, Index most)
        : text_(text), begin_(begin), count_(std::min(most, size())), length_((size() + count_ - 1) / count_) {}

    Index size() const { return text_.size() - begin_; }
    Index count() const { return count_; }
    Index length() const { return length_; }

    /// Columns `from` to `to` of all rows.
    Segment segment(Index from, Index to) const {
        std::array<std::size_t, 2> const shape{static_cast<std::size_t>(to - from), static_cast<std::size_t>(count_)};
        Segment out{xt::zeros<Index>(shape), xt::zeros<Index>(shape)};
        for (Index t = from; t < to; ++t)
            for (Index b = 0; b < count_; ++b) {
                Index const i            = b * length_ + t;
                out.inputs(t - from, b)  = i < size() ? number(begin_ + i - 1) : 0;
                out.targets(t - from, b) = i < size() ? number(begin_ + i) : ignored;
            }
        return out;
    }

private:
    Index number(Index i) const { return text_.numbers[static_cast<std::size_t>(i)]; }

    Text const& text_;
    Index begin_, count_, length_;
};

/// In nats per character.
template <class Cell> double validation_loss(Model<Cell> const& model, Text const& text) {
    constexpr Index steps = 100;
    Index const predicted = text.size() - text.validation_begin();
    ValidationRows const rows(text, text.validation_begin(), std::clamp<Index>(predicted / steps, 1, 64));
    Tape tape;
    Pause const pause(tape);
    Stateful<typename Model<Cell>::State> carried;
    double sum = 0;
    for (Index t = 0; t < rows.length(); t += steps) {
        tape.rewind();
        auto const [inputs, next]  = rows.segment(t, std::min(t + steps, rows.length()));
        auto const [logits, state] = model(tape, inputs, carried.on(tape, model.cell.zeros(tape, rows.count())));
        carried.save(state);
        sum += cross_entropy(logits, next, Over::sum, ValidationRows::ignored).item();
    }
    return sum / static_cast<double>(rows.size());
}

}  // namespace custom_cell
