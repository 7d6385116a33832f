// Pulls the adjoint of a node back once for each sequence, with zeros in the place of the others.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <set>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/optim/split_gradients.hpp>

namespace unspool::core {

namespace {

std::string place(Node const& node) { return fmt::format("{} ({})", node.rule->name(), text(node.value.where)); }

/// Does a node that reads parameters alone make something of each sequence of them, such as rows of a table, or copies
/// of a state?  Then it has an axis of sequences where what it reads has none.
bool spreads(Node const& node, Index sequences) {
    Shape const& s = node.value.shape;
    if (node.rule->joins(node) >= 0) return false;
    for (std::size_t back = 1; back <= s.rank(); ++back) {
        Index const size  = s[s.rank() - back];
        auto const has_it = [&](Window const* w) {
            return w->shape.rank() >= back && w->shape[w->shape.rank() - back] == size;
        };
        if (size % sequences == 0 && std::none_of(node.operands.begin(), node.operands.end(), has_it)) return true;
    }
    return false;
}

/// Which nodes can differ from sequence to sequence.
std::vector<bool> of_sequences(Tape const& tape, Index sequences) {
    std::vector<bool> out(tape.size(), true);
    auto const differs = [&](Window const* w) { return w->node == no_node || out[w->node]; };
    for (NodeId id = 0; id < tape.size() && sequences > 1; ++id)
        if (Node const& node = tape[id]; !node.rule) out[id] = !node.param;
        else out[id] = std::any_of(node.operands.begin(), node.operands.end(), differs) || spreads(node, sequences);
    return out;
}

/// Is an array of this shape the same all over, but for its last axes?
bool repeats_along(Shape const& value, Shape const& param) {
    if (param.rank() >= value.rank()) return false;
    std::size_t const first = value.rank() - param.rank();
    for (std::size_t i = 0; i < param.rank(); ++i)
        if (param[i] != 1 && param[i] != value[first + i]) return false;
    return true;
}

/// The axes that may be the one of the sequences where a node of this shape reads a parameter.
std::set<std::size_t> sequence_axes(Shape const& value, Shape const& param, Index sequences) {
    std::set<std::size_t> out;
    std::size_t const r = value.rank(), p = param.rank();
    auto const consider = [&](std::size_t axis) {
        if (value[axis] == sequences) out.insert(axis);
    };
    if (count(param) == 1 || r == 1)
        for (std::size_t a = 0; a < r; ++a) consider(a);
    else if (r == 2 && value[1] == param.back() && value[0] % sequences == 0)
        out.insert(0);  // steps, one after the other
    else if (r >= 2) {
        consider(r - 2);
        if (repeats_along(value, param)) consider(r - 1 - p);
    }
    return out;
}

std::size_t sequence_axis(Node const& node, Param const& param, Index sequences, Where where) {
    Shape const& value = node.value.shape;
    if (sequences == 1) return 0;  // any one would do
    auto const axes = sequence_axes(value, param.shape(), sequences);
    if (axes.size() == 1) return *axes.begin();
    throw ShapeError(fmt::format("{}: the gradient of {} by each of {} sequences: {} reads it, and its shape {} has {}",
                                 text(where), param.path(), sequences, place(node), text(value),
                                 axes.empty() ? "no axis of them" : "several axes that may be theirs"));
}

void require_differing(bool differs, Node const& node, Param const& param, Where where) {
    if (differs) return;
    throw ValueError(
        fmt::format("{}: the gradient of {} by each sequence: {} reads it, and is the same for all sequences",
                    text(where), param.path(), place(node)));
}

/// As many rows as sequences, or a multiple; where there are axes of steps and sequences, the latter is the second.
void require_rows(Node const& node, GradientRows::Block const& block, WeightRows const& w, Index sequences,
                  Where where) {
    if (sequences == 1) return;
    Param const& param = *w.param;
    Shape const& s     = node.value.shape;
    bool const fits    = s.rank() < 3 ? block.rows % sequences == 0 : s[s.rank() - 2] == sequences;
    if (!fits || w.of_columns)
        throw ShapeError(
            fmt::format("{}: the gradient of {} by each of {} sequences: {} takes a product with {} rows of it, in the "
                        "shape {}, which are not [steps, sequences]",
                        text(where), param.path(), sequences, place(node), block.rows, text(s)));
}

struct Dropped final : RowSink {
    void pull_back(Node const&, Adjoints&) override {}
    void take(Adjoints&, Array<float const> const&, std::span<Increment<float> const>) override {}
    void take(Adjoints&, Array<double const> const&, std::span<Increment<double> const>) override {}
};

}  // namespace

/// A sweep of single nodes, whose products with parameters are left out.
class SplitGradients::Aside {
public:
    explicit Aside(Tape const& tape) : tape_(tape), adjoints_(tape, memory_, &products_) {}

    void place(NodeId id, void const* adjoint) {
        Slot& s = memory_.slots[id];
        s.data = const_cast<void*>(adjoint), s.state = Slot::summed;
    }
    void pull_back(Node const& node) {
        node.rule->pull_back(node, adjoints_);
        forget(node.value.node);
        for (Window const* w : node.operands) forget(w->node);
        memory_.scratch.clear();
    }

private:
    /// And where it lies, if it is a guest.
    void forget(NodeId id) {
        for (; id != no_node; id = tape_[id].host ? tape_[id].host->node : no_node) memory_.slots[id] = {};
    }

    Tape const& tape_;
    SweepMemory memory_;
    Dropped products_;
    Adjoints adjoints_;
};

namespace {

/// g where an axis is at sequence b, and 0 elsewhere.
template <Real T>
void keep_sequence(T* to, T const* g, Shape const& shape, std::size_t axis, Index b, Index sequences) {
    Index const n = count(shape), run = sequences == 1 ? n : row_major(shape)[axis];
    for (Index i = 0; i < n; i += run)
        if (sequences == 1 || i / run % shape[axis] % sequences == b) std::copy_n(g + i, run, to + i);
        else std::fill_n(to + i, run, T(0));
}

}  // namespace

SplitGradients::SplitGradients(Tape const& tape, GradientRows const& rows, Index sequences, Where where) {
    std::vector<bool> const differs = of_sequences(tape, sequences);
    for (auto const& block : rows.blocks()) {
        WeightRows const& w = rows.all()[block.weight];
        require_differing(differs[block.node], tape[block.node], *w.param, where);
        require_rows(tape[block.node], block, w, sequences, where);
    }
    if (rows.direct().empty()) return;
    Aside aside(tape);
    for (auto const& d : rows.direct()) {
        std::set<NodeId> leaves;
        for (Window const* w : tape[d.node].operands)
            if (tape.requires_grad(*w) && tape[w->node].param) leaves.insert(w->node);
        std::map<std::size_t, std::vector<Node const*>> by_axis;
        for (NodeId leaf : leaves) {
            Param const& param = *tape[leaf].param;
            require_differing(differs[d.node], tape[d.node], param, where);
            by_axis[sequence_axis(tape[d.node], param, sequences, where)].push_back(&tape[leaf]);
        }
        for (auto const& [axis, some] : by_axis) add(aside, tape, d, some, axis, sequences);
    }
}

void SplitGradients::add(Aside& aside, Tape const& tape, GradientRows::Direct const& d,
                         std::span<Node const* const> leaves, std::size_t axis, Index sequences) {
    Node const& node = tape[d.node];
    for (Node const* leaf : leaves) make_room(*leaf, tape.dtype(), sequences);
    Arena masked;
    void* const g = masked.array(static_cast<std::size_t>(count(node.value.shape)) * size_of(tape.dtype()));
    for (Index b = 0; b < sequences; ++b)
        dispatch(tape.dtype(), [&](auto t) {
            using T = decltype(t);
            keep_sequence(static_cast<T*>(g), static_cast<T const*>(d.adjoint), node.value.shape, axis, b, sequences);
            aside.place(d.node, g);
            for (Node const* leaf : leaves) aside.place(leaf->value.node, find(*leaf->param)->of<T>(b));
            aside.pull_back(node);
        });
}

SplitGradients::Of const* SplitGradients::find(Param const& p) const {
    auto const o = std::find_if(all_.begin(), all_.end(), [&](Of const& x) { return x.param == &p; });
    return o == all_.end() ? nullptr : &*o;
}

/// Zeros, in arrays whose last register can be written whole.
void SplitGradients::make_room(Node const& leaf, Dtype dtype, Index sequences) {
    if (find(*leaf.param)) return;
    std::size_t const bytes = Arena::padded(static_cast<std::size_t>(leaf.param->count()) * size_of(dtype));
    void* const zeros       = memory_.array(bytes * static_cast<std::size_t>(sequences));
    std::memset(zeros, 0, bytes * static_cast<std::size_t>(sequences));
    Shape shape     = leaf.value.shape;
    Strides strides = row_major(shape);
    shape.insert(0, sequences), strides.insert(0, static_cast<Index>(bytes / size_of(dtype)));
    all_.push_back({leaf.param, Values(zeros, dtype, shape, strides)});
}

}  // namespace unspool::core
