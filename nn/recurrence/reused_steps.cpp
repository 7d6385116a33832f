// What leaves a step is copied, once.
#include <algorithm>
#include <cstring>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/nn/recurrence/reused_steps.hpp>

namespace unspool::core {

namespace {

std::size_t bytes_of(Window const& w, Dtype dtype) { return static_cast<std::size_t>(count(w.shape)) * size_of(dtype); }

/// The elements along the first axis, of which only the first is asked for: there may be many.
void take_apart(Var const& all, std::span<Var> to, Where where) {
    Tape& tape          = all.tape();
    to[0]               = all[At(0, where)];
    Window const& first = to[0].window();
    for (std::size_t i = 1; i < to.size(); ++i) {
        Window& w       = *tape.arena().make<Window>(first);
        w.data          = static_cast<std::byte*>(first.data) + i * bytes_of(first, tape.dtype());
        w.viewing.begin = w.cover.i = static_cast<Index>(i), w.viewing.end = w.cover.i + 1;
        to[i] = {tape, w};
    }
}

bool like(Window const& a, Window const& b) { return a.shape == b.shape && is_contiguous(a); }

/// The addresses are where to, and where from.
class TracedCopy final : public Traced {
public:
    TracedCopy(void* to, void* from, std::size_t bytes) : bytes_(bytes) {
        at = {static_cast<std::byte*>(to), static_cast<std::byte*>(from)};
    }
    void run() override { std::memcpy(at[0], at[1], bytes_); }
    std::size_t copies() const override { return bytes_; }
    bool same_work(Traced const& other) const override {
        return bytes_ == static_cast<TracedCopy const&>(other).bytes_;
    }

private:
    std::size_t bytes_;
};

}  // namespace

ReusedSteps::ReusedSteps(Tape& tape, Index steps, Var* room, bool repeats, Where where)
    : tape_(tape), steps_(steps), room_(room), where_(where), repeats_(repeats && !trace_here), mark_(tape.mark()) {
    if (trace_here) trace_here->give_up();  // steps that are repeated here would not be in it
    if (tape.scanning()) tape.scanning()->reuse(true);
}

ReusedSteps::~ReusedSteps() {
    if (trace_ && trace_here == trace_.get()) trace_here = nullptr;
    if (at_once_ && trace_at_once == at_once_.get()) trace_at_once = nullptr;
}

bool ReusedSteps::possible(Tape const& tape, ScanOptions const& options, NoiseOnState const& noise) {
    return !tape.recording() && !tape.at_weights() && !tape.mechanisms.copy_view && !noise.active() &&
           !options.record && !options.state_may_change && options.lengths.empty() && options.mask.empty();
}

void ReusedSteps::begin(Index t, Index k) {
    if (!active_) return;
    take_memory_back();
    if (!each_.empty()) output_ = each_[static_cast<std::size_t>(t)];
    lasting_ = tape_.lasting();
    mark_    = tape_.mark();
    if (repeats_) take_down(k);
}

Var ReusedSteps::end(Index t, Var const& y, std::span<Var const> before, std::span<Var> after) {
    if (!active_) return y;
    bool const first = each_.empty();
    if (first) make_room(t, y, after);
    active_ = active_ && copy(y, before, after);
    if (trace_ && trace_here == trace_.get()) compare();
    if (at_once_ && trace_at_once == at_once_.get()) compare_blocks();
    to_take_back_ = active_ && !first;  // of the first step, the room is there
    if (!active_ && tape_.scanning()) tape_.scanning()->reuse(false);
    return active_ ? output_ : y;
}

void ReusedSteps::take_memory_back() {
    if (std::exchange(to_take_back_, false)) tape_.reuse(mark_, lasting_);
}

void ReusedSteps::make_room(Index t, Var const& y, std::span<Var const> parts) {
    Window const& w = y.window(where_);
    active_         = w.shape.rank() < Shape::max_rank;
    if (!active_) return;
    Shape all = w.shape;
    all.insert(0, steps_);
    Var const outputs(tape_, tape_.allocate(all, where_)->value);
    each_ = {room_, static_cast<std::size_t>(steps_)};
    take_apart(outputs, each_, where_);
    output_ = each_[static_cast<std::size_t>(t)];
    parts_  = tape_.arena().copy(parts);
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

void ReusedSteps::put(Window const& from, Var const& to) {
    std::size_t const bytes = bytes_of(from, tape_.dtype());
    std::memcpy(to.window().data, from.data, bytes);
    if (trace_here) trace_here->add(&tape_, std::make_unique<TracedCopy>(to.window().data, from.data, bytes));
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
    put(out, output_);
    for (std::size_t k = 0; k < after.size(); ++k) {
        Window const& w = after[k].window();
        if (stays(k)) continue;
        if (w.data == out.data && w.shape == out.shape) after[k] = output_;
        else put(w, parts_[k]), after[k] = parts_[k];
    }
    return true;
}

// ---- steps that are repeated ----------------------------------------------------------------------------------------

bool ReusedSteps::begins_block(Index k) const {
    return tape_.scanning() && tape_.scanning()->block() > 1 && k % tape_.scanning()->block() == 0;
}

void ReusedSteps::take_down(Index k) {
    asked_        = k;
    at_once_      = std::make_unique<Trace>(&tape_);
    trace_at_once = at_once_.get();
    if (each_.empty()) return;  // the first step makes room, too
    beside_ = traced_ == k - 1 && traced_from_ == mark_.memory && !begins_block(k);
    last_   = std::exchange(trace_, std::make_unique<Trace>(&tape_));
    traced_ = k, traced_from_ = mark_.memory;
    trace_here = trace_.get();
}

/// Two steps that follow another and do its work, with addresses as far apart in both, tell how far they will be; a step that does it in a
/// later block needs no other.
void ReusedSteps::compare() {
    trace_here      = nullptr;
    repeats_        = repeats_ && trace_->complete();  // else no later step will be, either
    bool const same = active_ && trace_->complete() && last_ && last_->same_work(*trace_);
    if (!same) paces_.clear(), paces_known_ = false;
    else if (beside_) {
        auto paces   = trace_->distances(*last_);
        paces_known_ = paces == paces_ && stays_in_place(paces);
        paces_       = std::move(paces);
    } else if (!paces_known_) paces_.clear();
    if (paces_known_) trace_->follow(paces_);
}

/// What is computed at once for later blocks may be put where it was for this one, if no step looks back beyond its own.
void ReusedSteps::compare_blocks() {
    trace_at_once    = nullptr;
    bool const first = asked_ == 0, here = first || begins_block(asked_);
    even_ = even_ &&
            (here ? at_once_->complete() && (first || (block_ && block_->same_work(*at_once_))) : at_once_->empty());
    if (!here && !at_once_->empty()) paces_.clear(), paces_known_ = false;  // the next step has this behind it
    if (!here) return;
    blocks_known_ = false;
    if (even_ && !first && !at_once_->empty()) {
        auto far      = at_once_->distances(*block_, true);
        auto const n  = static_cast<std::size_t>(tape_.scanning()->block());
        blocks_known_ = paces_known_ && far == far_ && trace_->begins(*at_once_, n);
        far_          = std::move(far);
    }
    block_ = std::move(at_once_);
    if (blocks_known_) block_->follow(far_);
}

bool ReusedSteps::repeats_block(Index k) const {
    return even_ && blocks_known_ && k + tape_.scanning()->block() <= steps_;
}

/// Does all that a step makes for itself lie where it lay?  What moves, elements of sequences, was there before it.
bool ReusedSteps::stays_in_place(std::vector<std::ptrdiff_t> const& paces) const {
    auto const moving = trace_->moving(paces);
    return std::all_of(moving.begin(), moving.end(),
                       [&](std::byte const* at) { return !at || tape_.arena().before(at, mark_.memory); });
}

void ReusedSteps::repeat(Index t, std::span<Var> state) {
    Var const before = std::exchange(output_, each_[static_cast<std::size_t>(t)]);
    if (begins_block(traced_ + 1))
        trace_->go_back(*block_, static_cast<std::size_t>(tape_.scanning()->block())), block_->step();
    trace_->step();
    ++traced_;
    for (Var& part : state)
        if (&part.window() == &before.window()) part = output_;
}

}  // namespace unspool::core
