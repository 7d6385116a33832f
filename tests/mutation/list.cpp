// Prints every mutant of every operation that has a derivative of its own, one a line: `mutant`, its name.  One that changes
// nothing is `equivalent`, and says why.  Views, and what is made of other operations, are `without`.
#include <fmt/format.h>
#include <unspool/autograd/call/call.hpp>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace mutation;

namespace {

using V = xsimd::batch<double>;

template <class Op> constexpr std::size_t arity() {
    if constexpr (requires(V v) { Op::f(v); }) return 1;
    else if constexpr (requires(V v) { Op::f(v, v); }) return 2;
    else if constexpr (requires(V v) { Op::f(v, v, v); }) return 3;
    else return 0;
}
template <class Op> concept Elementwise = (arity<Op>() != 0);
template <class Op> concept OnArrays    = requires { Op::signature; };
template <class Op> concept Reduces     = requires { Op::kind; };
template <class Op> concept Projects    = std::same_as<Op, Projection>;

/// Calls `f(mutant)` for each way in which an operation of so many operands can be wrong.
template <class F> void each_mutant(std::size_t operands, std::size_t exchanges, F f) {
    for (Kind kind : kinds)
        for (std::size_t k = 0; k < (kind == Kind::swapped ? exchanges : operands); ++k) f(Mutant{kind, k});
}

void print(std::string_view op, std::size_t operands, Mutant m, char const* why_not = nullptr) {
    if (why_not) fmt::print("equivalent\t{}\t{}\n", text(op, operands, m), why_not);
    else fmt::print("mutant\t{}\n", text(op, operands, m));
}

bool same(V const& a, V const& b) { return xsimd::all((a == b) | (isnan(a) & isnan(b))); }

/// Does the mutant give another derivative for these operands?
template <class Op, class... X> bool differs_at(Mutant m, X const&... x) {
    V const y          = Op::f(x...), g(0.7);
    auto const differs = [m](auto const& d, V const& unit) {
        auto const wrong = mutated(m, d, unit);
        return !std::equal(d.begin(), d.end(), wrong.begin(), same);
    };
    if constexpr (requires { Op::pull(g, x..., y); }) return differs(listed(Op::pull(g, x..., y)), g);
    else return differs(listed(Op::df(x..., y)), V(1));
}

/// Does it anywhere in the domain?
template <class Op> bool differs_in_domain(Mutant m) {
    constexpr int steps = 8, points = steps + 1;
    constexpr std::size_t n = arity<Op>();
    Interval domain{0.1, 0.9};
    if constexpr (requires { Op::domain; }) domain = Op::domain;
    for (int i = 0; i < std::pow(points, n); ++i) {
        std::array<V, n> x;
        for (int k = 0, digits = i; k < static_cast<int>(n); ++k, digits /= points)
            x[static_cast<std::size_t>(k)] = V(domain.low + (domain.high - domain.low) * (digits % points) / steps);
        if (std::apply([m](auto const&... a) { return differs_at<Op>(m, a...); }, x)) return true;
    }
    return false;
}

constexpr char const* reason(Kind kind) {
    return kind == Kind::missing   ? "the derivative has no factor"
           : kind == Kind::swapped ? "the derivatives are alike"
                                   : "the derivative is 0";
}

/// Of what is recorded, each adjoint.
void print_recorded(std::string_view rule, std::size_t operands) {
    for (Kind kind : recorded_kinds)
        for (std::size_t k = 0; k < std::min(operands, recorded_operands); ++k)
            fmt::print("mutant\t{}\n", recorded_text(rule, {kind, k}));
}

template <class Op> void print_mutants() {
    auto const all = [](std::size_t operands, std::size_t exchanges, auto why_not) {
        each_mutant(operands, exchanges, [&](Mutant m) { print(Op::name, operands, m, why_not(m)); });
    };
    [[maybe_unused]] auto const always = [](Mutant) -> char const* { return nullptr; };
    if constexpr (Elementwise<Op>) {
        constexpr std::size_t n = arity<Op>();
        all(n, n < 3 ? n - 1 : n, [](Mutant m) { return differs_in_domain<Op>(m) ? nullptr : reason(m.kind); });
    } else if constexpr (OnArrays<Op>) {
        constexpr std::size_t n = Op::signature.variadic() ? 2 : static_cast<std::size_t>(Op::signature.operands());
        all(n, n - 1, always);
        if constexpr (HasGradient<Op>) print_recorded(Op::name, n);
    } else if constexpr (Reduces<Op>) {
        all(1, 0,
            [](Mutant m) { return m.kind == Kind::missing && Op::kind == Reduction::sum ? reason(m.kind) : nullptr; });
    } else if constexpr (Projects<Op>) all(3, 1, always), print_recorded(Op::name, 3);
    else fmt::print("without\t{}\n", Op::name);
}

}  // namespace

int main() {
    each_section([]<class Ops>(Section<Ops> const&) { each_op(Ops{}, []<class Op>() { print_mutants<Op>(); }); });
    print_recorded("statement", 3), print_recorded("host", 1);
}
