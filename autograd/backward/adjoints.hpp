// The adjoints of one backward sweep, while they are being summed: one array a node, made when the first increment
// arrives, and given back when the node has passed it on.
#pragma once
#include <cstdint>
#include <memory>
#include <unspool/autograd/array/write_mode.hpp>
#include <unspool/autograd/backward/batched_gemm.hpp>
#include <unspool/autograd/backward/scratch.hpp>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// The adjoint of one node.
struct Slot {
    enum State : std::uint8_t { untouched, pieces, summed, released };
    void* data              = nullptr;
    State state             = untouched;
    bool kept               = false;    // wanted after the sweep
    bool guest              = false;    // lies in the adjoint of the node's host
    bool held               = false;    // wanted by a node that is still to come
    std::size_t axis        = 0;        // of pieces
    Index n                 = 0;        // pieces there are
    Index left              = 0;        // pieces not touched yet
    unsigned char* touched  = nullptr;  // one flag a piece
    std::size_t bytes       = 0;
    std::uint32_t gathering = 0;  // the last one that begins with this weight, counted from 1
};

/// Where an increment goes: memory laid out with the operand's strides.
struct Target {
    void* data     = nullptr;
    WriteMode fill = WriteMode::none;  // assign: every element must be written
};

class RowSink;

class Adjoints {
public:
    /// Increments to parameters that are products go to `rows`, if there are any.
    Adjoints(Tape const& tape, SweepMemory& memory, RowSink* rows = nullptr);

    /// Where the increment to the adjoint of this operand goes.
    Target into(Window const& operand);
    /// The same, for those who can only add.
    Target into_zeroed(Window const& operand);
    /// Takes increments aᵀ b that can wait until the end of the sweep.
    template <Real T> void postpone(Array<T const> const& a, std::span<Increment<T> const> increments) {
        gather<T>(*this, memory_.gathered, a, increments);
    }
    /// The summed adjoint of a node, contiguous.  Not for a node that no increment reached.
    void const* of(Node const& node);

    /// The last gathering that begins with a weight, counted from 1; 0 if there is none.
    std::uint32_t& gathering(NodeId weight) { return memory_.slots[weight].gathering; }

    bool reached(NodeId id) const { return memory_.slots[id].state != Slot::untouched; }
    void keep(NodeId id) { memory_.slots[id].kept = true; }
    bool keeps(NodeId id) const { return memory_.slots[id].kept; }
    void hold(NodeId id) { memory_.slots[id].held = true; }
    void release(NodeId id);  ///< unless it is kept, or held
    void let_go(NodeId id);   ///< of what was held
    void finish();            ///< after the sweep: what is kept is whole
    /// Goes over the nodes of [from, end) that an adjoint has reached, from the last on: each passes it on, and lets it go.
    void sweep(NodeId from, NodeId end);

    /// The sweep comes to this node, whatever it has received; what it receives are pieces along the first axis.
    void reach(Node const&);
    /// What element i of a node's first axis, or all of a node, has received: null if nothing.
    void const* received(Node const&, Index i);
    void const* received(Node const&);

    // For a node that records again what led to it:

    void cover();               ///< what was recorded meanwhile has adjoints as well
    void uncover(NodeId from);  ///< and what was recorded since then has none any more

    Tape const& tape() const { return tape_; }
    Scratch& scratch() { return memory_.scratch; }
    RowSink* rows() const { return rows_; }

private:
    void create(Slot&, Node const&);
    void give_back(Slot&);
    void begin_pieces(Slot&, std::size_t axis, Index n);
    WriteMode touch_piece(Slot&, Node const&, Cover const&, bool whole_piece);
    void clear_piece(Slot&, Node const&, Index i);
    void complete(Slot&, Node const&);

    Tape const& tape_;
    SweepMemory& memory_;
    RowSink* rows_;
};

}  // namespace unspool::core
