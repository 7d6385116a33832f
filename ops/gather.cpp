// Rows of a matrix by number.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/label.hpp>
#include <unspool/ops/gather.hpp>

namespace unspool {

Shape GatherRows::result(std::span<Window const* const> xs) const {
    Shape out = rows.shape;
    out.push_back(xs[0]->shape[1]);
    return out;
}

template <Real T> void GatherRows::f(Array<T> y, Array<T const> table) const {
    Array<T> const out = as_matrix(y);
    for (std::size_t i = 0; i < rows.numbers.size(); ++i) copy<T>(at(out, static_cast<Index>(i)), at(table, rows.numbers[i]));
}

template <Real T> void GatherRows::scatter(Array<T> dtable, Array<T const> g) const {
    for (std::size_t i = 0; i < rows.numbers.size(); ++i) copy<T>(at(dtable, rows.numbers[i]), at(g, static_cast<Index>(i)), Fill::add);
}

Var embedding(Tape& tape, Argument table, Indices const& rows, Where where) {
    Attempt const attempt(tape);
    Window const& w   = tape.window(table.on(tape), where);
    Index const   v   = w.shape.rank() == 2 ? w.shape[0] : 0;
    auto const    bad = std::find_if(rows.numbers.begin(), rows.numbers.end(), [&](Index i) { return i < 0 || i >= v; });
    if (w.shape.rank() == 2 && bad != rows.numbers.end())
        throw IndexError(
            describe(where, "embedding",
                     fmt::format("number {}, at place {}, is not that of a row of {}", *bad, bad - rows.numbers.begin(), label(tape, w)),
                     "", std::array{Shown{label(tape, w), w.shape}}));
    return call(GatherRows{rows}, where, Argument(table.on(tape)));
}

std::vector<Example> GatherRows::examples() {
    return {{"one row", {{4, 3}}, [](Tape& tape, std::span<Var const> x) { return embedding(tape, x[0], xt::xarray<int>(2)); }},
            {"a row twice",
             {{4, 3}},
             [](Tape& tape, std::span<Var const> x) {
                 return embedding(tape, x[0], std::array{2, 0, 2});
             }},
            {"two axes", {{4, 3}}, [](Tape& tape, std::span<Var const> x) {
                 return embedding(tape, x[0], xt::xarray<int>{{3, 1}, {1, 0}, {3, 3}});
             }}};
}

}  // namespace unspool
