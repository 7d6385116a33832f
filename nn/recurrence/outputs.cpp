// Which outputs may still be read.
#include <fmt/format.h>
#include <unspool/nn/recurrence/outputs.hpp>

namespace unspool::core {

std::span<Var const> Outputs::alive(Where where) const {
    if (empty()) return each_;
    Tape const* const tape = epoch_ < presence_->first ? nullptr : presence_->tape;
    if (tape && (epoch_ == tape->epoch() || tape->survives(each_.data(), epoch_))) return each_;
    throw TapeError(located(where, fmt::format("the outputs of a scan are read {}",
                                               tape ? "after their tape was rewound" : "whose tape is gone")));
}

Var Outputs::operator[](At at) const {
    Index const n = std::ssize(each_), i = at.i < 0 ? at.i + n : at.i;
    if (i < 0 || i >= n) throw IndexError(fmt::format("{}: output {} of a scan of {} steps", text(at.where), at.i, n));
    return alive(at.where)[static_cast<std::size_t>(i)];
}

}  // namespace unspool::core
