// Asks rules one at a time.
#include <algorithm>
#include <unspool/autograd/gradcheck/passed_back.hpp>

namespace unspool::core {

std::vector<Numbers> PassedBack::operator()(IsolatedNode const& shadow, Numbers const& seed) {
    Node const& node = shadow.node();
    Target const t   = adjoints_.into_zeroed(node.value);
    std::copy(seed.begin(), seed.end(), static_cast<double*>(t.data));
    node.rule->pull_back(node, adjoints_);
    std::vector<Numbers> out;
    for (NodeId id : shadow.sources()) {
        adjoints_.into_zeroed(tape_[id].value);  // where the rule passed nothing
        auto const* const g = static_cast<double const*>(adjoints_.of(tape_[id]));
        out.emplace_back(g, g + count(tape_[id].value.shape));
    }
    for (NodeId id : shadow.sources()) forget(id);
    forget(node.value.node);
    memory_.scratch.clear();
    return out;
}

/// An adjoint, and those that it is a part of: their memory is taken back.
void PassedBack::forget(NodeId id) {
    memory_.slots[id] = {};
    if (Window const* const host = tape_[id].host) forget(host->node);
}

std::vector<Numbers> adjoints_one_by_one(Tape const& tape, Window const& result, Numbers const& seed) {
    std::vector<Numbers> out(tape.size());
    auto const add = [&](NodeId id, std::size_t i, double g) {
        if (out[id].empty()) out[id].assign(static_cast<std::size_t>(count(tape[id].value.shape)), 0);
        out[id][i] += g;
    };
    if (result.node == no_node) return out;
    Index const begin =
        static_cast<double const*>(result.data) - static_cast<double const*>(tape[result.node].value.data);
    std::size_t next = 0;
    each_index(result.shape, [&](Index const* at) {
        Index i = begin;
        for (std::size_t a = 0; a < result.shape.size(); ++a) i += at[a] * result.strides[a];
        add(result.node, static_cast<std::size_t>(i), seed[next++]);
    });
    PassedBack passed_back(tape);
    Arena memory;
    for (NodeId id = result.node + 1; id-- > 0;) {
        if (out[id].empty() || !tape[id].rule || !tape[id].requires_grad) continue;
        memory.rewind({});
        IsolatedNode const shadow(tape, tape[id], memory);
        auto const passed = passed_back(shadow, out[id]);
        for (std::size_t k = 0; k < passed.size(); ++k)
            for (std::size_t i = 0; i < passed[k].size(); ++i) add(shadow.sources()[k], i, passed[k][i]);
    }
    return out;
}

}  // namespace unspool::core
