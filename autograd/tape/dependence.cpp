// Walks back by operands, and by addresses where there is no node.
#include <fmt/format.h>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <vector>

namespace unspool::core {

NodeId holder(Tape const& tape, Window const& w) {
    if (w.node != no_node) return w.node;
    auto const* const at = static_cast<std::byte const*>(w.data);
    for (NodeId id = tape.size(); id-- > 0;) {
        auto const* const begin = static_cast<std::byte const*>(tape[id].value.data);
        auto const size         = count(tape[id].value.shape) * static_cast<Index>(size_of(tape.dtype()));
        if (begin && begin <= at && at < begin + size) return id;
    }
    return no_node;
}

bool depends_on_inputs(Tape const& tape, Window const& w) {
    if (count(w.shape) == 0) return false;
    NodeId const last = holder(tape, w);
    if (last == no_node) return true;
    std::vector<bool> needed(last + 1);
    needed[last] = true;
    for (NodeId id = last + 1; id-- > 0;) {
        Node const& n = tape[id];
        if (!needed[id]) continue;
        if (!n.rule && !n.param && n.requires_grad) return true;
        for (Window const* x : n.operands) {
            NodeId const from = count(x->shape) == 0 ? no_node : holder(tape, *x);
            if (from == no_node && count(x->shape) > 0) return true;
            if (from != no_node) needed[from] = true;
        }
    }
    return false;
}

void require_constant(Tape const& tape, Window const& w, Where where) {
    if (tape.mechanisms.sealed && depends_on_inputs(tape, w))
        throw TapeError(
            fmt::format("{}: the step depends on its values, and so cannot be planned: the numbers of {} are "
                        "read here, and would stay as they are now",
                        text(where), label(tape, w)));
}

}  // namespace unspool::core
