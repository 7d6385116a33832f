// What scans of all cells have in common.
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/recurrence/scan.hpp>

namespace unspool::core {

Index steps_in(Var const& xs, Where where) {
    Window const& w = xs.window(where);
    if (w.shape.empty())
        throw ShapeError(fmt::format("{}: scan wants a sequence with time as its first axis, {} is a scalar",
                                     text(where), label(xs)));
    return w.shape[0];
}

Index batch_of(Var const& output, Where where) {
    Window const& w = output.window(where);
    if (w.shape.empty())
        throw ShapeError(fmt::format("{}: lengths are of the sequences of a batch, but the state {} is a scalar",
                                     text(where), label(output)));
    return w.shape[0];
}

void require_detach_every(Index n, Where where) {
    if (n < 0) throw ValueError(fmt::format("{}: detach_every is {}, but must not be negative", text(where), n));
}

void tape_was_rewound(Where where) {
    throw TapeError(fmt::format("{}: the cell rewound the tape to before the scan that runs it", text(where)));
}

void state_is_not_of_vars(Where where) {
    throw ValueError(fmt::format(
        "{}: lengths and detach_every need a state that is a Var, or a struct of at most four and nothing else",
        text(where)));
}

}  // namespace unspool::core
