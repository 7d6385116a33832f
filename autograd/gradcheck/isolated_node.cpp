// Copies what a node reads, and computes it again from the copies.
#include <algorithm>
#include <cmath>
#include <unspool/autograd/gradcheck/isolated_node.hpp>

namespace unspool::core {

namespace {

std::size_t elements_of(Node const& n) { return static_cast<std::size_t>(count(n.value.shape)); }
double* data_of(Window const& w) { return static_cast<double*>(w.data); }

}  // namespace

IsolatedNode::IsolatedNode(Tape const& tape, Node const& node, Arena& memory)
    : tape_(tape), node_(node), memory_(memory), value_(node.value) {
    for (Window const* w : node.operands) {
        windows_.push_back(*w);
        if (!tape.requires_grad(*w)) continue;
        windows_.back().data = copy_of(w->node) + (data_of(*w) - data_of(tape[w->node].value));
    }
    for (Window const& w : windows_) operands_.push_back(&w);
    result_.resize(elements_of(node));
    value_.data = memory.array(result_.size() * sizeof(double));
    list_elements();
}

double* IsolatedNode::copy_of(NodeId id) {
    auto const known = std::find(sources_.begin(), sources_.end(), id);
    if (known != sources_.end()) return copies_[static_cast<std::size_t>(known - sources_.begin())];
    std::size_t const n = elements_of(tape_[id]);
    sources_.push_back(id);
    copies_.push_back(static_cast<double*>(memory_.array(n * sizeof(double))));
    std::copy_n(data_of(tape_[id].value), n, copies_.back());
    return copies_.back();
}

void IsolatedNode::list_elements() {
    std::vector<std::vector<bool>> seen(sources_.size());
    for (std::size_t k = 0; k < windows_.size(); ++k) {
        Window const& w = windows_[k];
        if (!tape_.requires_grad(w)) continue;
        auto const s = static_cast<std::size_t>(std::find(sources_.begin(), sources_.end(), w.node) - sources_.begin());
        Index const begin = data_of(w) - copies_[s];
        Index position    = 0;
        seen[s].resize(elements_of(tape_[w.node]));
        each_index(w.shape, [&](Index const* at) {
            Index i = begin;
            for (std::size_t a = 0; a < w.shape.size(); ++a) i += at[a] * w.strides[a];
            auto const index = static_cast<std::size_t>(i);
            if (!seen[s][index] && std::isfinite(copies_[s][i]))  // what is infinite has no neighbours
                elements_.push_back({k, w.node, index, position, copies_[s] + i}), given_.push_back(copies_[s][i]);
            seen[s][index] = true;
            ++position;
        });
    }
}

void IsolatedNode::set(NodeId source, Numbers const& values) {
    auto const known = std::find(sources_.begin(), sources_.end(), source);
    if (known != sources_.end())
        std::copy(values.begin(), values.end(), copies_[static_cast<std::size_t>(known - sources_.begin())]);
}

Numbers const& IsolatedNode::compute() {
    node_.rule->recompute(tape_, node_, value_, operands_);
    std::copy_n(data_of(value_), result_.size(), result_.begin());
    return result_;
}

}  // namespace unspool::core
