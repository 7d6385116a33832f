// The tape: an append-only list of nodes, and the memory that their values live in.  It knows no operation.
#pragma once
#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unspool/autograd/array/arena.hpp>
#include <unspool/autograd/array/collapse.hpp>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/node.hpp>
#include <unspool/autograd/tape/var.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

class AtWeights;
class Scanning;
class Tangents;
struct ScratchPool;

/// What the engine does behind its user's back to be fast.  Each can be turned off; results differ by rounding alone.
struct Mechanisms {
    bool fuse     = true;  ///< compute a sum of projections in one array, in place of a hoisted one where there is one
    bool hoist    = true;  ///< project a whole sequence at once when a scan's step meets a weight
    bool postpone = true;  ///< gather the small products of a weight's gradient into large ones
    bool pack     = true;  ///< keep copies of a weight in the form that products take fastest
    /// How a view is recorded: null reads parts of an array where they lie, `copied` (view_copy.hpp) makes a copy a node.
    Var (*copy_view)(Tape&, Window const& part) = nullptr;
    /// What stands for operations with a surrogate derivative: for a gradient check, else null.
    Tangents* tangents = nullptr;
    /// Gradients pass through detach(): for a gradient check, to see what is cut.
    bool attach = false;
    /// item() and value() of what depends on inputs are errors: for a plan of a step, which would go on with the numbers of today.
    bool sealed = false;
};

template <class X> concept HasShape = requires(X const& x) { Shape::of(x.shape()); };
/// A std::vector<double>, an array of ints and the like.
template <class X> concept ListOfNumbers = !HasShape<X> && requires(X const& x) {
    std::size(x);
    requires std::is_arithmetic_v<std::remove_cvref_t<decltype(*std::begin(x))>>;
};

/// A tape is of one thread at a time: of the one that recorded on it first since it was made or rewound.  Every Var of a tape has its
/// element type.
class Tape {
public:
    /// Where a tape was, to go back to.
    struct Mark {
        NodeId size;               ///< nodes then
        Arena::Mark memory;        ///< where memory was taken up to
        ScopeRecord const* scope;  ///< the module path and the time step then
        std::uint32_t epoch;       ///< how often the tape had been rewound
        std::size_t kept;          ///< how many things keep() held
    };

    explicit Tape(Dtype = float32);  ///< an empty one, for numbers of this type
    ~Tape();
    Tape(Tape const&)            = delete;  // Vars point here
    Tape& operator=(Tape const&) = delete;

    Dtype dtype() const { return dtype_; }  ///< of all its values

    Mechanisms mechanisms;  ///< for what is recorded from here on

    /// An array to differentiate by: any xtensor expression, number or list of numbers, converted to the tape's element type.
    template <class X> Var input(X const& x, std::string_view name = {}, Where where = Where::here()) {
        return leaf(x, true, name, where);
    }
    /// An array that needs no gradient.
    template <class X> Var constant(X const& x, std::string_view name = {}, Where where = Where::here()) {
        return leaf(x, false, name, where);
    }
    /// A constant of this shape that `fill(std::span<T>)` writes, for T the tape's element type.
    template <class Fill> Var filled(Shape const&, Where, Fill fill);
    Var zeros(Shape const&, Where = Where::here());  ///< a constant
    /// A parameter, which must outlive what is computed with it, as a Var: the same one however often it is asked for,
    /// until the parameter changes.  Its value is not copied, unless converted.
    Var lift(Param const&, Where = Where::here());
    /// From here to the next rewind, reads `value` (of the tape's element type, which must outlive it) where the
    /// parameter is used: what a gradient check perturbs.
    void substitute(Param const&, void* value);
    /// From here to a rewind to before here, reads `x`, a Var of the same shape, wherever the parameter is used: a weight that is
    /// normalised, dropped or tied by a formula, in any cell: `Var v = tape.lift(W);
    /// tape.replace(W, g * v / sqrt(sum(square(v), -1, Reduced::keep)));`.  What was recorded before keeps the parameter
    /// itself.  ShapeError if the shape is another.
    void replace(Param const&, Var x, Where = Where::here());

    /// From here on, whatever is recorded is looked at, and the first NaN, infinity or magnitude above `bound` is a ValueError there and
    /// then, which says what first_bad_value would; it is not recorded.  Each value is read once more.  What is computed while
    /// recording is paused is not looked at.  ValueError if the bound is negative or NaN.
    void check_values(double bound = std::numeric_limits<double>::infinity(), Where = Where::here());
    void do_not_check_values() { checked_ = false; }  ///< as it is at first

    /// Forgets every node, and every substitution; keeps the memory.  Vars recorded before must not be used again.
    void rewind();
    /// Forgets what was recorded since the mark.  TapeError if the tape was rewound to before the mark already.
    void rewind(Mark const&, Where = Where::here());
    /// Where the tape ends now, to rewind to.
    Mark mark() const {
        if (cuts_.size() == cuts_.capacity()) make_room_for_cut();
        return {size(), arena_.mark(), scope_, epoch(), kept_.size()};
    }
    bool reaches(Mark const&) const;  ///< or was it rewound to before the mark?

    /// From here on another thread may record: where one has computed the beginning, and waits while another goes on.
    void hand_over() { recorder_ = 0; }

    NodeId size() const { return static_cast<NodeId>(nodes_.size()); }  ///< nodes so far
    Node const& operator[](NodeId id) const { return *nodes_[id]; }     ///< in the order in which they were recorded
    std::span<Node const* const> nodes() const { return nodes_; }       ///< all of them
    bool recording() const { return paused_ == 0; }                     ///< no Pause is in force
    std::size_t bytes_reserved() const { return arena_.bytes_reserved(); }  ///< memory of values and nodes

    // What follows is for those who record: statements, calls and views.

    Arena& arena() { return arena_; }
    /// A node that is not recorded yet, with memory for a value of this shape.
    Node* allocate(Shape const&, Where);
    Node* allocate_at(void*, Shape const&, Where);  ///< the same, with its value at this place
    /// The same, with its value in the place of an element of another, the host: no one else may read that.
    Node* allocate_in(Var const& all, At element, Where);
    /// Appends a node, or, while recording is paused, only gives its value a handle.
    Var record(Node*, Rule const*, std::span<Window const* const> operands, void const* attributes);
    /// A window to be turned into a view of `outer`: a part or another reading of it.
    Window& begin_view(Window const& outer, Where);
    Var view(Window& how, Cover part);                       ///< which shows `part` of its parent
    void rename(Var const&, Window const& to);               ///< the node of a Var that shows all of it takes the name
    Window const& window(Var const& x, Where where) const {  ///< throws TapeError unless `x` is a live Var of this tape
        if (x.presence_ != &presence_) refuse(x, where);
        return x.window(where);
    }
    bool requires_grad(Window const& w) const { return w.node != no_node && nodes_[w.node]->requires_grad; }
    Scanning* scanning() const { return scanning_; }          ///< null outside of scans
    AtWeights* at_weights() const { return at_weights_; }     ///< null where values meet weights as they are
    Reusable* reusable(Window const&) const;                  ///< null unless the window is the whole of a parameter
    Presence const& presence() const { return presence_; }    ///< by which Vars find the tape
    std::uint32_t epoch() const { return presence_.epoch; }   ///< another one after every rewind: tells stale Vars
    bool survives(void const* p, std::uint32_t since) const;  ///< is what was at `p` in that epoch still there?
    std::shared_ptr<ScratchPool>& scratch() const { return scratch_; }  ///< null until something was swept

    /// Holds something until the tape is rewound to before.
    void keep(std::shared_ptr<void const> what) { kept_.push_back(std::move(what)); }
    bool replaced_since(Mark const&) const;  ///< was a parameter?

    /// How much there is that outlives a step of a paused scan: parameters, their copies for products, what a scan computed at once.
    std::size_t lasting() const;
    /// Takes memory back since a mark at which that much lasted, if no more does now.  No one may have kept a Var: epochs do not tell.
    void reuse(Mark const&, std::size_t lasted);

    /// How far each parameter on the tape, from the first on, has come to be packed for products; and that put back, after what was
    /// recorded since a mark is gone, but for copies that lay there.
    std::vector<Reusable> packing() const;
    void put_back(std::vector<Reusable> const&, Mark const& since);
    /// Goes on as if each had come as far as this; what was packed later is not seen.
    void pack_as(std::vector<Reusable> const&);

private:
    friend class AtWeights;
    friend class Scope;
    friend class OnBehalf;
    friend class Pause;
    friend class Circumstances;
    friend class Scanning;

    template <class X> Var leaf(X const& x, bool requires_grad, std::string_view name, Where where);
    template <class From>
    Node* copied_in(Shape const&, From from, Where);  // a node with so many elements from there on
    Var append_leaf(Node*, bool requires_grad, std::string_view name);
    Var append_param(Param const&, Where);
    Var append(Node*);
    void require_recorder(Where);                       // TapeError if another thread is recording
    [[noreturn]] void refuse(Var const&, Where) const;  // of another tape, or of none
    void refuse_bad_value();                            // of the last node
    void* converted(Param const&);
    void make_room_for_cut() const;
    void take_back(Mark const&) noexcept;
    Arena::Mark const* lowest_cut(std::uint32_t since) const;  // null if nothing was taken back since that epoch
    void enter(ScopeRecord const*);

    struct Cut {
        std::uint32_t epoch;
        Arena::Mark memory;
    };
    struct Renamed {
        Renamed const* before;
        std::string_view *name, old;
    };
    struct Replaced {
        Replaced const* before;
        Var by;
    };

    Dtype dtype_;
    Presence& presence_;
    mutable std::vector<Cut> cuts_;  // where to; only those that no later one went below; has room for one more
    int paused_             = 0;
    Where const* behalf_    = nullptr;  // where all that is recorded is said to come from
    std::uint64_t recorder_ = 0;        // the thread that records
    Arena arena_;
    std::vector<Node const*> nodes_;
    bool checked_             = false;  // each value that is recorded
    double bound_             = 0;      // and its magnitude is at most this
    ScopeRecord const* scope_ = nullptr;
    Scanning* scanning_       = nullptr;
    AtWeights* at_weights_    = nullptr;
    std::unordered_map<Param const*, NodeId> params_;  // where Param::met_ is wrong: a guess, too
    std::unordered_map<Param const*, void*> substitutes_;
    std::unordered_map<Param const*, Replaced const*> replacements_;
    std::vector<std::shared_ptr<void const>> kept_;  // models whose parameters are on the tape, among others
    LeafOfParam const* leaves_ = nullptr;            // the last parameter on the tape
    Renamed const* renamed_    = nullptr;            // the last name that was given to a node
    std::shared_ptr<ScratchPool> mutable scratch_;   // memory of backward sweeps, shared with living Gradients
};

inline Var::Var(Tape& tape, Window const& window)
    : presence_(&tape.presence()), window_(&window), epoch_(tape.epoch()) {}

inline Var Tape::view(Window& how, Cover part) {
    Window const& outer    = *how.parent;
    bool const as_recorded = outer.node == no_node || &outer == &nodes_[outer.node]->value ||
                             (outer.shape == nodes_[outer.node]->value.shape && is_contiguous(outer));
    if (part.kind != Cover::all && outer.cover.kind == Cover::all) how.cover = as_recorded ? part : Cover{Cover::some};
    if (part.kind != Cover::all && outer.cover.kind == Cover::piece) how.cover.kind = Cover::within;
    if (mechanisms.copy_view) return mechanisms.copy_view(*this, how);
    return {*this, outer.parent ? collapsed(how) : how};
}

/// What `record` makes; on a throw, takes the tape back to where it was, or to `back_to`.
template <class F> auto attempted(Tape& tape, Tape::Mark const& back_to, F const& record) {
    try {
        return record();
    } catch (...) {
        if (tape.reaches(back_to)) tape.rewind(back_to);
        throw;
    }
}

/// The same to the end of a block: it takes longer, since it asks whether something was thrown.
class Attempt {
public:
    explicit Attempt(Tape& tape) : Attempt(tape, tape.mark()) {}
    Attempt(Tape& tape, Tape::Mark const& back_to)
        : tape_(tape), mark_(back_to), exceptions_(std::uncaught_exceptions()) {}
    ~Attempt() {
        if (std::uncaught_exceptions() > exceptions_ && tape_.reaches(mark_)) tape_.rewind(mark_);
    }
    Attempt(Attempt const&) = delete;

private:
    Tape& tape_;
    Tape::Mark mark_;
    int exceptions_;
};

template <class Fill> Var Tape::filled(Shape const& shape, Where where, Fill fill) {
    Attempt const attempt(*this);
    Node* const n = allocate(shape, where);
    dispatch(dtype_, [&](auto t) {
        fill(std::span<decltype(t)>(static_cast<decltype(t)*>(n->value.data), static_cast<std::size_t>(count(shape))));
    });
    return append_leaf(n, false, {});
}

template <class X> Var Tape::leaf(X const& x, bool requires_grad, std::string_view name, Where where) {
    constexpr bool number = std::is_arithmetic_v<X>, list = ListOfNumbers<X>;
    static_assert(number || list || HasShape<X>,
                  "a value on a tape is made of a number, of a list of numbers, or of an xtensor expression");
    Attempt const attempt(*this);
    if constexpr (number) return append_leaf(copied_in({}, &x, where), requires_grad, name);
    else if constexpr (list)
        return append_leaf(copied_in({static_cast<Index>(std::size(x))}, std::begin(x), where), requires_grad, name);
    else if constexpr (HasShape<X>)
        return append_leaf(
            copied_in(Shape::of(x.shape(), where), x.template begin<xt::layout_type::row_major>(), where),
            requires_grad, name);
    else return {};
}

template <class From> Node* Tape::copied_in(Shape const& shape, From from, Where where) {
    Node* const n = allocate(shape, where);
    dispatch(dtype_, [&](auto t) {
        std::transform(from, std::next(from, static_cast<std::ptrdiff_t>(count(shape))),
                       static_cast<decltype(t)*>(n->value.data), [](auto v) { return static_cast<decltype(t)>(v); });
    });
    return n;
}

}  // namespace unspool::core

namespace unspool {

using core::Mechanisms, core::Tape;

}  // namespace unspool
