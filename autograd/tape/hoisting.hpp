// What is the same for all elements of a sequence is computed once for all of them.
#pragma once
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// While it lives, the elements of `xs` along its first axis are visited one by one, so that what is the same for all
/// of them may be computed for all at once, when the first one asks.
class [[nodiscard]] Scanning {
public:
    explicit Scanning(Var const& xs);
    ~Scanning() { tape_.scanning_ = outer_; }
    Scanning(Scanning const&)            = delete;
    Scanning& operator=(Scanning const&) = delete;

    bool visits(Window const& x) const {
        return x.parent == sequence_ && x.node == sequence_->node && x.viewing.kind == Viewing::index &&
               x.viewing.axis == 0;
    }
    bool precedes(Window const& w) const;  ///< was it recorded before the first step, or is it a parameter?

    /// What `f(xs)` recorded for these other operands, at the element that `x` is: to be overwritten by whoever takes it,
    /// once.  Empty if it was taken before.
    template <class F> Var take_element(Window const& x, std::span<Window const* const> others, F&& f);

private:
    friend class Tape;
    struct Hoisted {
        std::span<Window const* const> others;
        Var all;
        bool* taken;  // one an element
        Hoisted const* next;
    };
    /// While it lives, what is recorded belongs to no step.
    class Outside {
    public:
        explicit Outside(Scanning& scan) : tape_(scan.tape_), inner_(std::exchange(tape_.scope_, scan.scope_)) {}
        ~Outside() { tape_.scope_ = inner_; }
        Outside(Outside const&)            = delete;
        Outside& operator=(Outside const&) = delete;

    private:
        Tape& tape_;
        ScopeRecord const* inner_;
    };
    Hoisted const* find(std::span<Window const* const> others) const;
    Hoisted const* keep(std::span<Window const* const> others, Var all);

    Tape& tape_;
    Scanning* outer_;
    Var xs_;
    Window const* sequence_;
    NodeId begin_;
    ScopeRecord const* scope_;
    Hoisted const* hoisted_ = nullptr;
};

template <class F> Var Scanning::take_element(Window const& x, std::span<Window const* const> others, F&& f) {
    Hoisted const* h = find(others);
    if (!h) {
        Outside const outside(*this);
        h = keep(others, f(xs_));
    }
    bool const taken = std::exchange(h->taken[x.viewing.begin], true);
    return taken ? Var() : h->all[At(x.viewing.begin, x.where)];
}

}  // namespace unspool::core
