// What leaves a step is copied, once.
#include <algorithm>
#include <cstring>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/nn/recurrence/reused_steps.hpp>

namespace unspool::core {

namespace {

std::size_t bytes_of(Window const& w, Dtype dtype) { return static_cast<std::size_t>(count(w.shape)) * size_of(dtype); }

bool like(Window const& a, Window const& b) { return a.shape == b.shape && is_contiguous(a); }

}  // namespace

ReusedSteps::ReusedSteps(Tape& tape, Index steps, Where where)
    : tape_(tape), steps_(steps), where_(where), mark_(tape.mark()) {
    if (tape.scanning()) tape.scanning()->reuse(true);
}

bool ReusedSteps::possible(Tape const& tape, ScanOptions const& options, NoiseOnState const& noise) {
    return !tape.recording() && !tape.at_weights() && !tape.mechanisms.copy_view && !noise.active() &&
           !options.record && !options.state_may_change && options.lengths.empty() && options.mask.empty();
}

void ReusedSteps::begin(Index t) {
    if (!active_) return;
    if (!outputs_.empty()) output_ = outputs_[At(t, where_)];
    lasting_ = tape_.lasting();
    mark_    = tape_.mark();
}

Var ReusedSteps::end(Index t, Var const& y, std::span<Var const> before, std::span<Var> after) {
    if (!active_) return y;
    bool const first = outputs_.empty();
    if (first) make_room(t, y, after);
    active_ = active_ && copy(y, before, after);
    if (active_ && !first) tape_.reuse(mark_, lasting_);  // of the first step, the room is there
    if (!active_ && tape_.scanning()) tape_.scanning()->reuse(false);
    return active_ ? output_ : y;
}

void ReusedSteps::make_room(Index t, Var const& y, std::span<Var const> parts) {
    Window const& w = y.window(where_);
    active_         = w.shape.rank() < Shape::max_rank;
    if (!active_) return;
    Shape all = w.shape;
    all.insert(0, steps_);
    outputs_ = {tape_, tape_.allocate(all, where_)->value};
    output_  = outputs_[At(t, where_)];
    parts_   = tape_.arena().copy(parts);
    for (Var& part : parts_) part = room_like(part);
}

Var ReusedSteps::room_like(Var const& x) { return {tape_, tape_.allocate(x.window(where_).shape, where_)->value}; }

bool ReusedSteps::lies_in_room(Window const& w) const {
    return std::any_of(parts_.begin(), parts_.end(), [&](Var const& room) {
        auto const* const begin = static_cast<std::byte const*>(room.window().data);
        return !std::less<void const*>()(w.data, begin) &&
               std::less<void const*>()(w.data, begin + bytes_of(room.window(), tape_.dtype()));
    });
}

// A part that the step has left alone stays where it is.  False, and nothing is done, where one is of another shape, or a part of what
// would be written.
bool ReusedSteps::copy(Var const& y, std::span<Var const> before, std::span<Var> after) {
    Window const& out = y.window(where_);
    auto const stays  = [&](std::size_t k) { return &after[k].window(where_) == &before[k].window(where_); };
    if (!like(out, output_.window())) return false;
    for (std::size_t k = 0; k < after.size(); ++k) {
        Window const& w = after[k].window();
        if (!stays(k) && (!like(w, parts_[k].window()) || lies_in_room(w))) return false;
    }
    auto const put = [&](Window const& from, Var const& to) {
        std::memcpy(to.window().data, from.data, bytes_of(from, tape_.dtype()));
        return to;
    };
    put(out, output_);
    for (std::size_t k = 0; k < after.size(); ++k)
        if (Window const& w = after[k].window(); !stays(k))
            after[k] = w.data == out.data && w.shape == out.shape ? output_ : put(w, parts_[k]);
    return true;
}

}  // namespace unspool::core
