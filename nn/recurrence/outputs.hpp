// What a scan gives, step by step.
#pragma once
#include <span>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/ops/arrays/joins.hpp>

namespace unspool::core {

/// The output of each step, in the tape's memory: `stack(outputs)` makes them one Var [T,...].  TapeError where they are read after the
/// tape was rewound to before them, or is gone.
class Outputs {
public:
    Outputs() = default;
    Outputs(Tape const& tape, std::span<Var const> each)
        : presence_(&tape.presence()), epoch_(tape.epoch()), each_(each) {}

    std::size_t size() const { return each_.size(); }
    bool empty() const { return each_.empty(); }
    Var const* begin(Where where = Where::here()) const { return alive(where).data(); }
    Var const* end() const { return each_.data() + each_.size(); }
    Var operator[](At) const;  ///< negative from the end; IndexError
    Var front(Where where = Where::here()) const { return (*this)[At(0, where)]; }
    Var back(Where where = Where::here()) const { return (*this)[At(-1, where)]; }
    std::span<Var const> alive(Where) const;  ///< all of them

private:
    Presence const* presence_ = nullptr;
    std::uint32_t epoch_      = 0;
    std::span<Var const> each_;
};

/// Along a new axis, or end to end along one that there is.
inline Var stack(Outputs const& ys, Index axis = 0, Where where = Where::here()) {
    return stack(ys.alive(where), axis, where);
}
inline Var concat(Outputs const& ys, Index axis = 0, Where where = Where::here()) {
    return concat(ys.alive(where), axis, where);
}

}  // namespace unspool::core
