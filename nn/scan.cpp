// What scans of all cells have in common.
#include <fmt/format.h>
#include <unspool/autograd/label.hpp>
#include <unspool/nn/scan.hpp>

namespace unspool {

Index steps_in(Var const& xs, Where where) {
    Window const& w = xs.window(where);
    if (w.shape.empty())
        throw ShapeError(fmt::format("{}: scan wants a sequence with time as its first axis, {} is a scalar", text(where), label(xs)));
    return w.shape[0];
}

void tape_was_rewound(Where where) {
    throw TapeError(fmt::format("{}: the cell rewound the tape to before the scan that runs it", text(where)));
}

}  // namespace unspool
