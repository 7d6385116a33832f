// What calls of all array operations have in common.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/call/call.hpp>

namespace unspool::core {

Tape& common_tape(std::span<Argument const> arguments, std::string_view op, Where where) {
    for (auto& a : arguments)
        if (a.on_a_tape()) return a.tape(where);
    if (arguments.empty()) throw ValueError(fmt::format("{}: {} needs at least one operand", text(where), op));
    bool const waiting = std::any_of(arguments.begin(), arguments.end(), [](Argument const& a) { return a.waits(); });
    throw TapeError(fmt::format(
        "{}: {}: all operands are parameters{}, so that no tape is known: use tape.lift(parameter){} for one",
        text(where), op, waiting ? ", terms of them, or arrays" : "", waiting ? " or tape.constant(array)" : ""));
}

Tape::Mark before(Tape const& tape, std::span<Argument const> arguments) {
    Tape::Mark out = tape.mark();
    for (auto& a : arguments)
        if (a.before() && a.before()->memory < out.memory) out = *a.before();
    return out;
}

std::span<Window const* const> windows(Tape& tape, std::span<Argument const> arguments, Where where) {
    auto* out = static_cast<Window const**>(
        tape.arena().allocate(arguments.size() * sizeof(Window const*), alignof(Window const*)));
    for (std::size_t k = 0; k < arguments.size(); ++k) out[k] = &tape.window(arguments[k].on(tape, where), where);
    return {out, arguments.size()};
}

namespace {

/// What the operand was used for, by where g stands in its increment.  What cannot be told is taken for a weight on the
/// left, whose rows mean the least.
template <class T> Use use_in(Product<T> const& p, Array<T const> const& g) {
    if (g.shape.empty()) return Use::left;
    auto const is = [](Array<T const> const& a, Array<T const> const& b) {
        return a.data == b.data && a.shape == b.shape && a.strides == b.strides;
    };
    Array<T const> const m = as_matrix(g);
    return is(p.a, m) ? Use::left : is(p.b, m) ? Use::right : is(p.a, transposed(m)) ? Use::transposed : Use::left;
}

}  // namespace

template <Real T> void add(Adjoints& adjoints, Window const& operand, Product<T> const& p, Array<T const> const& g) {
    if (can_wait(adjoints, operand, p.b.shape[0])) {
        Increment<T> const increment{&operand, p.b, use_in(p, g)};
        return adjoints.postpone<T>(transposed(p.a), {&increment, 1});
    }
    Target const t = adjoints.into(operand);
    multiply<T>(as_matrix(array_of<T>(t, operand)), p, t.fill);
}
template <Real T> void add(Adjoints& adjoints, Window const& operand, Array<T const> const& increment) {
    Target const t = adjoints.into(operand);
    copy<T>(array_of<T>(t, operand), increment, t.fill);
}
template void add(Adjoints&, Window const&, Product<float> const&, Array<float const> const&);
template void add(Adjoints&, Window const&, Product<double> const&, Array<double const> const&);
template void add(Adjoints&, Window const&, Array<float const> const&);
template void add(Adjoints&, Window const&, Array<double const> const&);

}  // namespace unspool::core
