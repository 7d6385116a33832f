// What reductions are like.
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/reduce.hpp>

namespace unspool {

namespace {

template <class Op> Var reduce(Var const& x, Axes const& axes, Reduced reduced = Reduced::drop) {
    return record(x, {Op::kind, axes, reduced}, Where::here());
}

template <class Op> std::vector<Example> reductions() {
    return {{"all", {{3, 7}}, [](Tape&, std::span<Var const> x) { return reduce<Op>(x[0], {}); }},
            {"the first axis", {{3, 5, 2}}, [](Tape&, std::span<Var const> x) { return reduce<Op>(x[0], 0); }},
            {"the last axis", {{3, 21}}, [](Tape&, std::span<Var const> x) { return reduce<Op>(x[0], -1, Reduced::keep); }},
            {"two of three axes",
             {{3, 5, 2}},
             [](Tape&, std::span<Var const> x) {
                 return reduce<Op>(x[0], {2, 0});
             }},
            {"a term",
             {{3, 1}, {4}},
             [](Tape&, std::span<Var const> x) {
                 return record(x[0] * exp(x[1]) * x[0], {Op::kind, 0, Reduced::drop}, Where::here());
             }},
            {"a scalar", {{}}, [](Tape&, std::span<Var const> x) { return reduce<Op>(x[0], {}); }}};
}

}  // namespace

std::vector<Example> Sum::examples() { return reductions<Sum>(); }
std::vector<Example> Mean::examples() { return reductions<Mean>(); }

}  // namespace unspool
