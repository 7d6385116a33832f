// Places are found by address: a window, however many views deep, is an offset and strides into its node's value.
#include <unspool/autograd/call/call.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/derivatives/place.hpp>

namespace unspool::core {

namespace {

struct Place {
    Shape whole;
    std::span<Placement const> placements;  // one an operand

    static constexpr auto name           = "place";
    static constexpr Signature signature = "[?]+ -> [?]";
    Shape result(std::span<Window const* const>) const { return whole; }
    template <Real T> void f(Array<T> y, std::span<Array<T const> const> xs) const {
        std::fill_n(y.data, count(y.shape), T(0));
        for (std::size_t k = 0; k < xs.size(); ++k) copy<T>(part_of(y, k), xs[k], WriteMode::add);
    }
    template <Real T>
    Array<T const> adjoint(std::size_t k, Array<T const> g, Array<T const>, std::span<Array<T const> const>) const {
        return part_of(g, k);
    }
    Var gradient(std::size_t k, Var g, Var, std::span<Var const>) const { return taken(g, placements[k]); }

private:
    template <class T> Array<T> part_of(Array<T> const& a, std::size_t k) const {
        return {a.data + placements[k].offset, placements[k].shape, placements[k].strides};
    }
};

}  // namespace

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

Var placed(Tape& tape, Shape const& whole, std::span<Var const> xs, std::span<Placement const> places, Where where) {
    std::vector<Argument> const arguments(xs.begin(), xs.end());
    return call(Place{whole, tape.arena().copy(places)}, where, std::span<Argument const>(arguments));
}

}  // namespace unspool::core
