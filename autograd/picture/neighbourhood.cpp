// Which part of a graph shows it.
#include <unspool/autograd/picture/neighbourhood.hpp>

namespace unspool::core {

namespace {

/// Of an input or parameter, what used it first.
NodeId first_user(Tape const& tape, NodeId id) {
    for (NodeId user = id + 1; user < tape.size(); ++user)
        for (Window const* w : tape[user].operands)
            if (w->node == id) return user;
    return id;
}

}  // namespace

Graph neighbourhood(Tape& tape, BadValue const& bad) {
    NodeId const id     = bad.site.node;
    NodeId const result = tape[id].rule ? id : first_user(tape, id);
    return Graph(Var(tape, tape[result].value)).steps(2).mark({id});
}

}  // namespace unspool::core
