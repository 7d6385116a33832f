// The tape: an append-only list of nodes, and the memory that their values live in.  It knows no operation: a node
// carries a Rule that can pull an adjoint back and print itself.
#pragma once
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unspool/autograd/arena.hpp>
#include <unspool/autograd/error.hpp>
#include <unspool/autograd/var.hpp>
#include <unspool/autograd/window.hpp>
#include <vector>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>

namespace unspool {

class Adjoints;
class AtWeights;
class Param;
class Scanning;
struct ScratchPool;
struct Node;

/// What a mean is over: so much, of so many things.  They differ where a mask, an ignored target or weights say so.
struct Averaged {
    double over;
    Index  of;

    bool all() const { return over == static_cast<double>(of); }
};

/// What the engine needs to know of a kind of node.  One constant object serves all nodes of the kind.
class Rule {
public:
    /// Adds the node's share to the adjoints of its operands, given that its own is complete.
    virtual void pull_back(Node const&, Adjoints&) const = 0;
    /// Computes the value of such a node again, into `value`, from operands that lie elsewhere and are otherwise its own:
    /// what a gradient check perturbs.
    virtual void recompute(Tape const&, Node const&, Window const& value, std::span<Window const* const> operands) const = 0;
    /// The right-hand side as an equation: "sigmoid(x + b)".
    virtual std::string formula(Node const&, std::span<std::string const> operands) const = 0;
    /// "statement", or the name of the array operation.
    virtual std::string_view name() const = 0;
    /// The axis along which such a node lays its operands side by side, as they are, each with an index of its own if they lack
    /// that axis; -1 if it does something else.  Pictures see through it.
    virtual int joins(Node const&) const { return -1; }
    /// What such a node is the mean of its operands over, if it is one.  Shards of a batch are weighed by it.
    virtual std::optional<Averaged> averages(Node const&) const { return {}; }

protected:
    ~Rule() = default;
};

/// A segment of the module path, or a time step.
struct ScopeRecord {
    ScopeRecord const* parent;
    std::string_view   name;           // "" for a time step
    Index              step  = -1;     // -1 for a module
    bool               ended = false;  // its Scope is gone
};

/// What a parameter's node keeps.
struct LeafOfParam {
    std::uint64_t const serial;
    std::uint64_t const version;      // of the parameter when it was read
    bool const          substituted;  // not read at all
    Reusable mutable reusable;
    LeafOfParam const* const before;  // the one that was recorded before

    bool up_to_date(Param const&) const;  ///< would the parameter be read as the same now?
};

/// One recorded statement, call or leaf.  Immutable once recorded.
struct Node {
    Window                         value;                    // all of it: contiguous
    Rule const*                    rule          = nullptr;  // null for a leaf
    std::span<Window const* const> operands      = {};
    void const*                    attributes    = nullptr;  // what the rule stored at recording
    ScopeRecord const*             scope         = nullptr;
    Param const*                   param         = nullptr;  // null unless the leaf is a parameter
    bool                           requires_grad = false;
    Window const*                  host          = nullptr;  // the part of an earlier node's value that this one was computed in
};

/// What the engine does behind its user's back to be fast.  Each can be turned off; results differ by rounding alone.
struct Mechanisms {
    bool fuse     = true;  ///< compute a sum of projections in one array, in place of a hoisted one where there is one
    bool hoist    = true;  ///< project a whole sequence at once when a scan's step meets a weight
    bool postpone = true;  ///< gather the small products of a weight's gradient into large ones
    bool pack     = true;  ///< keep copies of a weight in the form that products take fastest
    bool view     = true;  ///< read parts of an array where they lie, and not copies of them

    static constexpr Mechanisms none() { return {false, false, false, false, false}; }
};

/// One tape belongs to one thread.  Every Var of a tape has its element type.
class Tape {
public:
    /// Where a tape was, to go back to.
    struct Mark {
        NodeId             size;
        Arena::Mark        memory;
        ScopeRecord const* scope;
        std::uint32_t      epoch;
    };

    explicit Tape(Dtype = float32);
    ~Tape();
    Tape(Tape const&)            = delete;  // Vars point here
    Tape& operator=(Tape const&) = delete;

    Dtype dtype() const { return dtype_; }

    Mechanisms mechanisms;

    /// An array to differentiate by: any xtensor expression or number, converted to the tape's element type.
    template <class X> Var input(X const& x, std::string_view name = {}, Where where = Where::here()) { return leaf(x, true, name, where); }
    /// An array that needs no gradient.
    template <class X> Var constant(X const& x, std::string_view name = {}, Where where = Where::here()) {
        return leaf(x, false, name, where);
    }
    /// A constant of this shape that `fill(std::span<T>)` writes, for T the tape's element type.
    template <class Fill> Var filled(Shape const&, Where, Fill fill);
    Var                       zeros(Shape const&, Where = Where::here());
    /// A parameter, which must outlive what is computed with it, as a Var: the same one however often it is asked for,
    /// until the parameter changes.  Its value is not copied, unless converted.
    Var lift(Param const&);
    /// From here to the next rewind, reads `value` (of the tape's element type, which must outlive it) where the
    /// parameter is used: what a gradient check perturbs.
    void substitute(Param const&, void* value);

    /// From here on, whatever is recorded is looked at, and the first NaN, infinity or magnitude above `bound` is a ValueError there and
    /// then, which says what first_bad_value would; it is not recorded.  Each value is read once more.  What is computed while
    /// recording is paused is not looked at.  ValueError if the bound is negative or NaN.
    void check_values(double bound = std::numeric_limits<double>::infinity());
    void do_not_check_values() { checked_ = false; }

    /// Forgets every node, and every substitution; keeps the memory.  Vars recorded before must not be used again.
    void rewind();
    /// Forgets what was recorded since the mark.  TapeError if the tape was rewound to before the mark already.
    void rewind(Mark const&);
    Mark mark() const {
        if (cuts_.size() == cuts_.capacity()) make_room_for_cut();
        return {size(), arena_.mark(), scope_, epoch_};
    }
    bool reaches(Mark const&) const;  ///< or was it rewound to before the mark?

    NodeId                       size() const { return static_cast<NodeId>(nodes_.size()); }
    Node const&                  operator[](NodeId id) const { return *nodes_[id]; }
    std::span<Node const* const> nodes() const { return nodes_; }
    bool                         recording() const { return paused_ == 0; }
    std::size_t                  bytes_reserved() const { return arena_.bytes_reserved(); }  ///< memory of values and nodes

    // What follows is for those who record: statements, calls and views.

    Arena& arena() { return arena_; }
    /// A node that is not recorded yet, with memory for a value of this shape.
    Node* allocate(Shape const&, Where);
    /// The same, with its value in the place of `host`, a part of another: no one else may read that.
    Node* allocate_in(Window const& host, Where);
    /// Appends a node, or, while recording is paused, only gives its value a handle.
    Var record(Node*, Rule const*, std::span<Window const* const> operands, void const* attributes);
    /// A window to be turned into a view of `outer`: a part or another reading of it.
    Window&       begin_view(Window const& outer, Where);
    Var           view(Window& how, Cover part);         ///< which shows `part` of its parent
    void          rename(Var const&, Window const& to);  ///< the node of a Var that shows all of it takes the name
    Window const& window(Var const& x, Where) const;     ///< throws TapeError unless `x` is a live Var of this tape
    bool          requires_grad(Window const& w) const { return w.node != no_node && nodes_[w.node]->requires_grad; }
    Scanning*     scanning() const { return scanning_; }      ///< null outside of scans
    AtWeights*    at_weights() const { return at_weights_; }  ///< null where values meet weights as they are
    Reusable*     reusable(Window const&) const;              ///< null unless the window is the whole of a parameter
    std::uint32_t epoch() const { return epoch_; }
    bool          survives(void const* p, std::uint32_t since) const;  ///< is what was at `p` in that epoch still there?
    std::shared_ptr<ScratchPool> const& scratch() const { return scratch_; }

private:
    friend class AtWeights;
    friend class Scope;
    friend class Pause;
    friend class Scanning;

    template <class X> Var leaf(X const& x, bool requires_grad, std::string_view name, Where where);
    Var                    append_leaf(Node*, bool requires_grad, std::string_view name);
    Var                    append_param(Param const&);
    Var                    append(Node*);
    void                   refuse_bad_value();  // of the last node
    void*                  converted(Param const&);
    void                   cover(Window& how, Cover part) const;  // what of its node's value a view shows
    void                   make_room_for_cut() const;
    void                   take_back(Mark const&) noexcept;
    Arena::Mark const*     lowest_cut(std::uint32_t since) const;  // null if nothing was taken back since that epoch
    void                   enter(ScopeRecord const*);

    struct Cut {
        std::uint32_t epoch;
        Arena::Mark   memory;
    };

    Dtype                                    dtype_;
    std::uint32_t                            epoch_ = 0;  // how often the tape was rewound: tells stale Vars
    mutable std::vector<Cut>                 cuts_;       // where to; only those that no later one went below; has room for one more
    int                                      paused_ = 0;
    Arena                                    arena_;
    std::vector<Node const*>                 nodes_;
    bool                                     checked_    = false;  // each value that is recorded
    double                                   bound_      = 0;      // and its magnitude is at most this
    ScopeRecord const*                       scope_      = nullptr;
    Scanning*                                scanning_   = nullptr;
    AtWeights*                               at_weights_ = nullptr;
    std::unordered_map<Param const*, NodeId> params_;  // a guess to be confirmed: survives rewinding
    std::unordered_map<Param const*, void*>  substitutes_;
    LeafOfParam const*                       leaves_ = nullptr;  // the last parameter on the tape
    std::shared_ptr<ScratchPool>             scratch_;           // memory of backward sweeps, shared with living Gradients
};

/// While it lives, and until the tape is rewound to before it, a name is part of the module path of what is recorded.
class [[nodiscard]] Scope {
public:
    Scope(Tape& tape, std::string_view module);
    Scope(Tape& tape, Index step);
    ~Scope();
    Scope(Scope const&)            = delete;
    Scope& operator=(Scope const&) = delete;

private:
    Scope(Tape& tape, ScopeRecord const&);

    Tape&         tape_;
    ScopeRecord*  record_;
    std::uint32_t epoch_;
};

/// While it lives, the elements of `xs` along its first axis are visited one by one, so that what is the same for all
/// of them may be computed for all at once, when the first one asks.
class [[nodiscard]] Scanning {
public:
    explicit Scanning(Var const& xs);
    ~Scanning() { tape_.scanning_ = outer_; }
    Scanning(Scanning const&)            = delete;
    Scanning& operator=(Scanning const&) = delete;

    bool visits(Window const& x) const {
        return x.parent == sequence_ && x.node == sequence_->node && x.viewing.kind == Viewing::index && x.viewing.axis == 0;
    }
    bool precedes(Window const& w) const;  ///< was it recorded before the first step, or is it a parameter?

    /// What `f(xs)` recorded for these other operands, at the element that `x` is: to be overwritten by whoever takes it,
    /// once.  Empty if it was taken before.
    template <class F> Var take_element(Window const& x, std::span<Window const* const> others, F&& f);

private:
    friend class Tape;
    struct Hoisted {
        std::span<Window const* const> others;
        Var                            all;
        bool*                          taken;  // one an element
        Hoisted const*                 next;
    };
    /// While it lives, what is recorded belongs to no step.
    class Outside {
    public:
        explicit Outside(Scanning& scan) : tape_(scan.tape_), inner_(std::exchange(tape_.scope_, scan.scope_)) {}
        ~Outside() { tape_.scope_ = inner_; }
        Outside(Outside const&)            = delete;
        Outside& operator=(Outside const&) = delete;

    private:
        Tape&              tape_;
        ScopeRecord const* inner_;
    };
    Hoisted const* find(std::span<Window const* const> others) const;
    Hoisted const* keep(std::span<Window const* const> others, Var all);

    Tape&              tape_;
    Scanning*          outer_;
    Var                xs_;
    Window const*      sequence_;
    NodeId             begin_;
    ScopeRecord const* scope_;
    Hoisted const*     hoisted_ = nullptr;
};

/// While it lives, the tape computes without recording: results are constants, and the list of nodes gets nothing but the
/// inputs and parameters that are read for the first time.
class [[nodiscard]] Pause {
public:
    explicit Pause(Tape& tape) : tape_(tape) { ++tape_.paused_; }
    ~Pause() { --tape_.paused_; }
    Pause(Pause const&)            = delete;
    Pause& operator=(Pause const&) = delete;

private:
    Tape& tape_;
};

/// On a throw, takes the tape back to where it was.
class Attempt {
public:
    explicit Attempt(Tape& tape) : Attempt(tape, tape.mark()) {}
    Attempt(Tape& tape, Tape::Mark const& back_to) : tape_(tape), mark_(back_to), exceptions_(std::uncaught_exceptions()) {}
    ~Attempt() {
        if (std::uncaught_exceptions() > exceptions_ && tape_.reaches(mark_)) tape_.rewind(mark_);
    }
    Attempt(Attempt const&)            = delete;
    Attempt& operator=(Attempt const&) = delete;

private:
    Tape&      tape_;
    Tape::Mark mark_;
    int        exceptions_;
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

template <class Fill> Var Tape::filled(Shape const& shape, Where where, Fill fill) {
    Attempt const attempt(*this);
    Node* const   n = allocate(shape, where);
    dispatch(dtype_, [&](auto t) {
        fill(std::span<decltype(t)>(static_cast<decltype(t)*>(n->value.data), static_cast<std::size_t>(count(shape))));
    });
    return append_leaf(n, false, {});
}

template <class X> Var Tape::leaf(X const& x, bool requires_grad, std::string_view name, Where where) {
    Attempt const attempt(*this);
    if constexpr (std::is_arithmetic_v<X>) {
        Node* const n = allocate({}, where);
        dispatch(dtype_, [&](auto t) { *static_cast<decltype(t)*>(n->value.data) = static_cast<decltype(t)>(x); });
        return append_leaf(n, requires_grad, name);
    } else {
        Node* const n = allocate(Shape::of(x.shape()), where);
        dispatch(dtype_, [&](auto t) {
            using T = decltype(t);
            std::copy(x.template begin<xt::layout_type::row_major>(), x.template end<xt::layout_type::row_major>(),
                      static_cast<T*>(n->value.data));
        });
        return append_leaf(n, requires_grad, name);
    }
}

}  // namespace unspool
