// What is the same for all elements of a sequence is computed for a block of them at once.
#pragma once
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// While it lives, the elements of `xs` along its first axis are visited one by one, so that what is the same for all
/// of them may be computed for many at once, when the first of a block asks.  Blocks are counted from the end of the
/// sequence that is visited first: they are the same wherever a scan is taken up.
class [[nodiscard]] Scanning {
public:
    explicit Scanning(Var const& xs, bool reverse = false);
    ~Scanning() { tape_.scanning_ = outer_; }
    Scanning(Scanning const&) = delete;

    bool visits(Window const& x) const {
        return x.parent == sequence_ && x.node == sequence_->node && x.viewing.kind == Viewing::index &&
               x.viewing.axis == 0;
    }
    bool is_at(Window const& x) const { return x.viewing.begin == step(x.viewing.begin); }  ///< of the step at hand?
    Index block() const { return block_; }        ///< how many elements were taken at once, at least
    std::size_t bytes() const { return bytes_; }  ///< of what was computed at once so far
    void reuse(bool yes) { reuses_ = yes; }       ///< from here on, no step looks back beyond the block before its own
    bool reuses() const { return reuses_; }
    bool reverse() const { return reverse_; }
    bool precedes(Window const& w) const;  ///< was it recorded before the first step, or is it a parameter?

    /// An element of what was computed for a block; none where that is empty.
    struct Element {
        Var all;
        Index i = 0;
    };
    /// What `f(xs, begin, end, place)` recorded for these other operands and the block of `length` elements that has the one that `x` is, at
    /// that element: to be overwritten by whoever takes it, once.  Empty if it was taken before, or if the block is not the one of the
    /// step at hand, nor beside it: what all steps take of one place would be there to be looked for to the end.  `place`, where it
    /// is not null, is that of a block that has served.
    template <class F>
    Element take_element(Window const& x, std::span<Window const* const> others, Index length, F&& f);

private:
    friend class Tape;
    struct Hoisted {
        std::span<Window const* const> others;
        Index begin;
        Var all;
        bool* taken;  // one an element
        Hoisted* next;
    };
    /// While it lives, what is recorded belongs to no step.
    class Outside {
    public:
        explicit Outside(Scanning& scan) : tape_(scan.tape_), inner_(std::exchange(tape_.scope_, scan.scope_)) {}
        ~Outside() { tape_.scope_ = inner_; }
        Outside(Outside const&) = delete;

    private:
        Tape& tape_;
        ScopeRecord const* inner_;
    };
    Index visit(Index t) const { return reverse_ ? sequence_->shape[0] - 1 - t : t; }  ///< which visit the element t is
    Index step(Index t) const;  ///< the step that is recorded now; t if none is
    /// Forgets those whose last visit was before `since`, or, where they serve again, names one that fits.
    Hoisted* find(std::span<Window const* const> others, Index begin, Index length, Index since, Hoisted*& served);
    Hoisted* keep(std::span<Window const* const> others, Index begin, Var all, Hoisted* served);

    Tape& tape_;
    Scanning* outer_;
    Var xs_;
    Window const* sequence_;
    NodeId begin_;
    ScopeRecord const* scope_;
    Hoisted* hoisted_ = nullptr;
    bool const reverse_;
    bool reuses_       = false;
    Index block_       = 1;
    std::size_t bytes_ = 0;
};

template <class F>
Scanning::Element Scanning::take_element(Window const& x, std::span<Window const* const> others, Index length, F&& f) {
    Index const t = x.viewing.begin, n = sequence_->shape[0], k = visit(t), first = k - k % length;
    Index const now = visit(step(t)), block = now - now % length;
    if (first + length < block || first > block + length) return {};
    Index const begin = reverse_ ? std::max(Index{0}, n - first - length) : first;
    Index const end   = reverse_ ? n - first : std::min(n, first + length);
    block_            = block_ == 1 ? length : std::min(block_, length);
    Hoisted* served   = nullptr;
    Hoisted* h        = find(others, begin, end - begin, block - length, served);
    if (!h) {
        Outside const outside(*this);
        h = keep(others, begin, f(xs_, begin, end, served ? served->all.window().data : nullptr), served);
    }
    bool const taken = std::exchange(h->taken[t - begin], true);
    return {taken ? Var() : h->all, t - begin};
}

}  // namespace unspool::core
