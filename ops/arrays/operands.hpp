// The operands of a call, on the tape that they share, for operations that look at them before they are recorded.
#pragma once
#include <array>
#include <unspool/autograd/call/call.hpp>

namespace unspool::core {

/// Calls `f` with the operands as Vars.  On a throw the tape is as it was before any of them was recorded.
template <std::size_t N, class F>
auto with_operands(std::array<Argument, N> const& xs, std::string_view op, Where where, F f) {
    Tape& tape = common_tape(xs, op, where);
    return attempted(tape, before(tape, xs), [&] {
        return [&]<std::size_t... K>(std::index_sequence<K...>) {
            std::array<Var, N> const vars{xs[K].on(tape, where)...};
            return f(vars[K]...);
        }
        (std::make_index_sequence<N>{});
    });
}

/// Calls an operation of one operand: `make(x)` makes it, when the operand is known.
template <class Make> Var call_on(Argument const& x, std::string_view op, Where where, Make make) {
    return with_operands(std::array{x}, op, where, [&](Var const& v) { return call(make(v), where, v); });
}

}  // namespace unspool::core
