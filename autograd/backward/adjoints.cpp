// How adjoints are made, cleared and given back.
#include <algorithm>
#include <cstring>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/backward/row_sink.hpp>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

namespace {
/// Where in its node's array a window begins, in bytes.
std::ptrdiff_t offset(Window const& w, Node const& node) {
    return static_cast<std::byte const*>(w.data) - static_cast<std::byte const*>(node.value.data);
}

/// Are pieces so small that to clear all at once costs less than to keep account of each?
bool in_short_runs(Node const& node, Cover const& c, std::size_t element) {
    constexpr std::size_t line = 64;
    Shape const& shape         = node.value.shape;
    return shape[c.axis] / c.n * row_major(shape)[c.axis] < static_cast<Index>(line / element);
}

/// Asks for what the sweep will read some nodes from now.  Going backwards from array to array, the processor cannot guess it.
void prefetch(Tape const& tape, NodeId id) {
    constexpr NodeId node_ahead = 12, value_ahead = 6;
    constexpr std::size_t line = 64, most = 1 << 13;  // the processor follows longer arrays by itself
    if (id >= node_ahead) {
        auto const* const node = reinterpret_cast<std::byte const*>(&tape[id - node_ahead]);
        for (std::size_t i = 0; i < sizeof(Node); i += line) __builtin_prefetch(node + i);
    }
    if (id < value_ahead) return;
    Node const& node        = tape[id - value_ahead];
    std::size_t const bytes = std::min(static_cast<std::size_t>(count(node.value.shape)) * size_of(tape.dtype()), most);
    for (std::size_t i = 0; i < bytes; i += line)
        __builtin_prefetch(static_cast<std::byte const*>(node.value.data) + i);
    __builtin_prefetch(node.attributes);
    for (Window const* w : node.operands) __builtin_prefetch(w);
}
}  // namespace

Adjoints::Adjoints(Tape const& tape, SweepMemory& memory, RowSink* rows) : tape_(tape), memory_(memory), rows_(rows) {
    memory_.scratch.clear();
    memory_.slots.assign(tape.size(), Slot{});
    memory_.params.clear();
    memory_.gathered.clear();
}

void Adjoints::create(Slot& s, Node const& node) {
    s.bytes = static_cast<std::size_t>(count(node.value.shape)) * size_of(tape_.dtype());
    s.data  = node.host ? into(*node.host).data : nullptr;
    s.guest = s.data;
    if (!s.guest) s.data = memory_.scratch.take(s.bytes);
}

Target Adjoints::into(Window const& w) {
    if (!tape_.requires_grad(w)) return {};
    Node const& node = tape_[w.node];
    Slot& s          = memory_.slots[w.node];
    WriteMode fill   = WriteMode::add;
    bool const fresh = s.state == Slot::untouched;
    if (fresh) create(s, node);
    if (w.cover.kind == Cover::all) {
        if (!fresh && s.state != Slot::summed) complete(s, node);
        fill    = fresh ? WriteMode::assign : WriteMode::add;
        s.state = Slot::summed;
    } else if (w.cover.kind == Cover::some) {
        complete(s, node);
    } else {
        fill = touch_piece(s, node, w.cover, w.cover.kind == Cover::piece);
    }
    return {static_cast<std::byte*>(s.data) + offset(w, node), fill};
}

void Adjoints::begin_pieces(Slot& s, std::size_t axis, Index n) {
    s.state   = Slot::pieces;
    s.axis    = axis;
    s.n       = n;
    s.left    = n;
    s.touched = static_cast<unsigned char*>(memory_.scratch.take(static_cast<std::size_t>(n)));
    std::fill_n(s.touched, n, static_cast<unsigned char>(0));
}

WriteMode Adjoints::touch_piece(Slot& s, Node const& node, Cover const& c, bool whole_piece) {
    if (s.state == Slot::untouched && in_short_runs(node, c, size_of(tape_.dtype()))) complete(s, node);
    if (s.state == Slot::untouched) begin_pieces(s, c.axis, c.n);
    if (s.state == Slot::pieces && (s.axis != c.axis || s.n != c.n)) complete(s, node);
    if (s.state == Slot::summed || s.touched[c.i]) return WriteMode::add;
    if (!whole_piece) clear_piece(s, node, c.i);
    s.touched[c.i] = 1;
    if (--s.left == 0) s.state = Slot::summed;
    return whole_piece ? WriteMode::assign : WriteMode::add;
}

// A piece is a window of `outer` runs of contiguous elements.
void Adjoints::clear_piece(Slot& s, Node const& node, Index i) {
    Shape const& shape = node.value.shape;
    Index const inner = row_major(shape)[s.axis], run = shape[s.axis] / s.n * inner, stride = shape[s.axis] * inner;
    Index const outer = stride == 0 ? 0 : count(shape) / stride, size = static_cast<Index>(size_of(tape_.dtype()));
    for (Index o = 0; o < outer; ++o)
        std::memset(static_cast<std::byte*>(s.data) + (o * stride + i * run) * size, 0,
                    static_cast<std::size_t>(run * size));
}

void Adjoints::complete(Slot& s, Node const& node) {
    if (s.state == Slot::untouched) std::memset(s.data, 0, s.bytes);
    if (s.state == Slot::pieces)
        for (Index i = 0; i < s.n; ++i)
            if (!s.touched[i]) clear_piece(s, node, i);
    s.state = Slot::summed;
}

Target Adjoints::into_zeroed(Window const& w) {
    if (!tape_.requires_grad(w)) return {};
    Node const& node = tape_[w.node];
    Slot& s          = memory_.slots[w.node];
    if (s.state == Slot::untouched) create(s, node);
    if (w.cover.kind == Cover::piece || w.cover.kind == Cover::within) touch_piece(s, node, w.cover, false);
    else complete(s, node);
    return {static_cast<std::byte*>(s.data) + offset(w, node), WriteMode::add};
}

void const* Adjoints::of(Node const& node) {
    Slot& s = memory_.slots[node.value.node];
    if (s.state != Slot::summed) complete(s, node);
    return s.data;
}

void Adjoints::reach(Node const& node) {
    Slot& s = memory_.slots[node.value.node];
    if (s.state != Slot::untouched) return;
    create(s, node);
    if (node.value.shape.empty() || node.value.shape[0] == 0) s.state = Slot::summed;
    else begin_pieces(s, 0, node.value.shape[0]);
}

void const* Adjoints::received(Node const& node, Index i) {
    Slot& s = memory_.slots[node.value.node];
    if (s.state == Slot::untouched || s.state == Slot::released) return nullptr;
    if (s.state == Slot::pieces && (s.axis != 0 || s.n != node.value.shape[0])) complete(s, node);
    if (s.state == Slot::pieces && !s.touched[i]) return nullptr;
    return static_cast<std::byte const*>(s.data) +
           s.bytes / static_cast<std::size_t>(node.value.shape[0]) * static_cast<std::size_t>(i);
}
void const* Adjoints::received(Node const& node) {
    return reached(node.value.node) && memory_.slots[node.value.node].state != Slot::released ? of(node) : nullptr;
}

void Adjoints::cover() { memory_.slots.resize(tape_.size()); }

void Adjoints::sweep(NodeId from, NodeId end) {
    for (NodeId id = end; id-- > from;) {
        prefetch(tape_, id);
        Node const& node = tape_[id];
        if (!node.rule || !reached(id)) continue;
        if (rows_) rows_->pull_back(node, *this);
        else node.rule->pull_back(node, *this);
        release(id);
    }
}

void Adjoints::uncover(NodeId from) {
    if (from >= memory_.slots.size()) return;
    for (NodeId id = from; id < memory_.slots.size(); ++id) give_back(memory_.slots[id]);
    memory_.slots.resize(from);
}

void Adjoints::let_go(NodeId id) {
    memory_.slots[id].held = false;
    release(id);
}

void Adjoints::release(NodeId id) {
    Slot& s = memory_.slots[id];
    if (s.kept || s.held || s.state == Slot::released) return;
    give_back(s);
    s.state = Slot::released;
}

void Adjoints::give_back(Slot& s) {
    if (s.touched) memory_.scratch.give_back(s.touched, static_cast<std::size_t>(s.n));
    if (s.data && !s.guest) memory_.scratch.give_back(s.data, s.bytes);
    s.touched = nullptr, s.data = nullptr;
}

void Adjoints::finish() {
    for (Gathered& g : memory_.gathered) flush(*this, g);
    for (NodeId id = 0; id < memory_.slots.size(); ++id) {
        Slot& s          = memory_.slots[id];
        Node const& node = tape_[id];
        if (s.kept && s.state == Slot::pieces) complete(s, node);
        if (node.param)
            memory_.params.push_back({node.param, static_cast<LeafOfParam const*>(node.attributes)->serial, s.data});
    }
    memory_.index();
}

}  // namespace unspool::core
