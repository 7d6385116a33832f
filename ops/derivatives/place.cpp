// Places are found by address: a window, however many views deep, is an offset and strides into its node's value.
#include <unspool/autograd/call/call.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/derivatives/place.hpp>

namespace unspool::core {

Placement placement_of(Tape const& tape, Window const& w) {
    auto const bytes = static_cast<std::byte const*>(w.data) - static_cast<std::byte const*>(tape[w.node].value.data);
    return {bytes / static_cast<Index>(size_of(tape.dtype())), w.shape, w.strides};
}

Var taken(Var x, Placement const& p) {
    Var const whole = contiguous(x);
    Tape& tape      = whole.tape();
    Window const& w = whole.window();
    Window& out     = tape.begin_view(w, {});
    out.data        = static_cast<std::byte*>(w.data) + p.offset * static_cast<Index>(size_of(tape.dtype()));
    out.shape       = p.shape;
    out.strides     = p.strides;
    out.viewing     = {Viewing::expand};
    return tape.view(out, {Cover::some});
}

Var Place::gradient(std::size_t k, Var g, Var, std::span<Var const>) const { return taken(g, placements[k]); }

Var placed(Tape& tape, Shape const& whole, std::span<Var const> xs, std::span<Placement const> places, Where where) {
    std::vector<Argument> const arguments(xs.begin(), xs.end());
    return call(Place{whole, tape.arena().copy(places)}, where, std::span<Argument const>(arguments));
}

}  // namespace unspool::core
