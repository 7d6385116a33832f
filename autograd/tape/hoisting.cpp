// Finds what has been computed for all elements already.
#include <algorithm>
#include <unspool/autograd/tape/hoisting.hpp>

namespace unspool::core {

Scanning::Scanning(Var const& xs, bool reverse)
    : tape_(xs.tape())
    , outer_(tape_.scanning_)
    , xs_(xs)
    , sequence_(&xs.window())
    , begin_(tape_.size())
    , scope_(tape_.scope_)
    , reverse_(reverse) {
    tape_.scanning_ = this;
}

bool Scanning::precedes(Window const& w) const { return w.node != no_node && (w.node < begin_ || tape_[w.node].param); }

Index Scanning::step(Index t) const {
    for (ScopeRecord const* s = tape_.scope_; s && s != scope_; s = s->parent)
        if (s->step >= 0) t = s->step;
    return t;
}

Scanning::Hoisted* Scanning::find(std::span<Window const* const> others, Index begin, Index length, Index since,
                                  Hoisted*& served) {
    auto same = [](Window const* a, Window const* b) {
        return a == b || (a->node == b->node && a->data == b->data && a->shape == b->shape && a->strides == b->strides);
    };
    auto over = [&](Hoisted const& h) { return visit(reverse_ ? h.begin : h.begin + h.all.shape()[0] - 1) < since; };
    for (Hoisted** at = &hoisted_; *at;) {
        Hoisted& h      = **at;
        bool const fits = std::equal(others.begin(), others.end(), h.others.begin(), h.others.end(), same);
        // or made while recording was paused, which it no longer is
        bool const alive = h.all.window().node != no_node || !tape_.recording();
        if (fits && h.begin == begin && alive) return &h;
        if (reuses_ && fits && over(h) && h.all.shape()[0] == length) served = &h;
        if (!reuses_ && over(h)) *at = h.next;
        else at = &h.next;
    }
    return nullptr;
}

Scanning::Hoisted* Scanning::keep(std::span<Window const* const> others, Index begin, Var all, Hoisted* served) {
    auto const n = static_cast<std::size_t>(all.shape()[0]);
    if (!served) {
        bytes_ += static_cast<std::size_t>(count(all.shape())) * size_of(tape_.dtype());
        auto* taken = static_cast<bool*>(tape_.arena().allocate(n, 1));
        hoisted_ = served = tape_.arena().make<Hoisted>(tape_.arena().copy(others), begin, all, taken, hoisted_);
    }
    std::fill_n(served->taken, n, false);
    served->begin = begin;
    return served;
}

}  // namespace unspool::core
