// How a segment is recorded, and goes.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/recurrence/recomputed_scan.hpp>

namespace unspool::core {

Segment::Segment(RecomputedScan& scan, StateSnapshot const& before, bool again)
    : number(before.segment)
    , mark(scan.tape_.mark())
    , first(scan.tape_.size())
    , bytes_before(scan.tape_.arena().bytes_used())
    , scan_(scan)
    , again_(again)
    , sources_(scan.sources_.size()) {
    if (again) as_then_.emplace(scan.tape_, scan.then_);
    StepOutputs const& out = scan.steps_->out;
    scan.begin_scanning(scanning);
    if (again) scan.each_output(number, [&](Index t, Var const& y) { outputs_.push_back({t, y}); });
    start = number == 0 ? scan.start_ : scan.leaves_of(before);
    for (std::size_t p = 0; p < start.size() && number > 0; ++p)
        if (auto const& part = scan.parts_before(number)[p]; part.output > 0) {
            Index const t = scan.step_of(number, part);
            outputs_.push_back({t, std::exchange(out.each[t], start[p])});
        }
    state = start;
}

void RecomputedScan::begin_scanning(std::optional<Scanning>& scanning) {
    if (!steps_->sequence.empty()) scanning.emplace(steps_->sequence, steps_->out.reverse);
    else if (tape_.scanning()) scanning.emplace(tape_.zeros(Shape{0}));  // what another scan hoists is not there again
}

Segment::~Segment() {
    if (left_) return;
    put_outputs_back();
    if (!scan_.tape_.reaches(mark)) return;
    scan_.tape_.rewind(mark);
}

void Segment::put_outputs_back() {
    for (auto const& [t, y] : outputs_) scan_.steps_->out.each[t] = y;
    outputs_.clear();
}

void Segment::take(Index from, Index to) {
    DrawListener::During const telling(scan_);
    scan_.steps_->take(from, to, state, again_);
    auto& sources = scan_.sources_;
    while (sources.size() > sources_ && !sources.back().now()) sources.pop_back();
}

// The first of a parameter's products are computed from it as it is, and those are the first that were recorded.
void Segment::take_again() {
    std::vector<Reusable> const now = scan_.tape_.packing();
    scan_.tape_.pack_as(scan_.packing_at(number));
    take(scan_.begin_of(number), scan_.end_of(number));
    std::vector<Reusable> after = scan_.tape_.packing();
    if (after.size() != now.size())
        throw TapeError(fmt::format("{}: a step of a scan read a parameter that it did not read before, when it was "
                                    "computed again",
                                    text(scan_.steps_->where)));
    for (std::size_t k = 0; k < now.size(); ++k)
        for (auto const packed : {&Reusable::as_stored, &Reusable::transposed}) {
            (after[k].*packed).rows = (now[k].*packed).rows;
            if (!(after[k].*packed).panels) (after[k].*packed).panels = (now[k].*packed).panels;
        }
    scan_.tape_.put_back(after, scan_.tape_.mark());
}

void Segment::leave() {
    if (!again_) read_results();
    put_outputs_back();
    std::vector<Reusable> const packing = scan_.tape_.packing();
    scan_.tape_.rewind(mark);
    left_ = true;
    for (Param const* p : scan_.new_params_) scan_.add_operand(scan_.tape_.lift(*p, {}).window());
    scan_.new_params_.clear();
    scan_.tape_.put_back(packing, mark);
}

/// A state or an output may be what was recorded before, as it is.
void Segment::read_results() {
    if (scan_.tape_.replaced_since(mark))
        throw TapeError(text(scan_.steps_->where) +
                        ": a step of a scan that is computed again replaces a parameter: replace it before the scan");
    auto const read = [&](Var const& x) {
        Window const& w = x.window();
        if (w.node < first && !(scan_.node_ && w.node == scan_.node_->value.node))
            scan_.add_operand(scan_.tape_[w.node].value);
    };
    std::for_each(state.begin(), state.end(), read);
    scan_.each_output(number, [&](Index, Var const& y) { read(y); });
}

// ---- states off the tape ----

namespace {

std::size_t bytes_of(Shape const& shape, Dtype dtype) {
    return static_cast<std::size_t>(count(shape)) * size_of(dtype);
}

}  // namespace

void copy_values(std::byte* to, Var const& from) {
    Window const& w = from.window();
    dispatch(from.dtype(), [&](auto t) {
        using T = decltype(t);
        copy<T>({reinterpret_cast<T*>(to), w.shape, row_major(w.shape)},
                {static_cast<T const*>(w.data), w.shape, w.strides});
    });
}

StateSnapshot RecomputedScan::values_of(Index segment, std::span<Var const> state) const {
    StateSnapshot out{segment, {}, {}};
    for (Var const& x : state) {
        std::size_t const at = out.values.size();
        out.values.resize(at + bytes_of(x.shape(), tape_.dtype()));
        copy_values(out.values.data() + at, x);
    }
    for (Source const& s : sources_) out.random.push_back(s.now() ? *s.now() : s.at_first);
    return out;
}

std::vector<Var> RecomputedScan::leaves_of(StateSnapshot const& s) {
    std::vector<Var> out;
    std::byte const* from = s.values.data();
    for (PartBetween const& p : parts_before(s.segment)) {
        out.push_back(dispatch(tape_.dtype(), [&](auto t) {
            auto const x = array_view(reinterpret_cast<decltype(t) const*>(from), p.shape, row_major(p.shape));
            if (!p.outside.empty()) return p.outside;
            if (p.same_as < out.size()) return out[p.same_as];
            return p.requires_grad ? tape_.input(x, {}, steps_->where) : tape_.constant(x, {}, steps_->where);
        }));
        from += bytes_of(p.shape, tape_.dtype());
    }
    return out;
}

// ---- sources of randomness ----

void RecomputedScan::draws_from(Random& random) {
    for (Source const& s : sources_)
        if (s.now() == &random) return;
    sources_.push_back({random.life(), &random, steps_->in_place_of(random), random});
}

void RecomputedScan::set_sources(std::vector<Random> const& to) {
    for (std::size_t k = 0; k < sources_.size(); ++k)
        if (Random* const now = sources_[k].now()) *now = k < to.size() ? to[k] : sources_[k].at_first;
}

std::vector<Reusable> const& RecomputedScan::packing_at(Index segment) const {
    auto const after = std::find_if(packing_.begin(), packing_.end(), [&](auto const& p) { return p.first > segment; });
    return std::prev(after)->second;
}

}  // namespace unspool::core
