// What all layers have in common, whatever their cells are.
#include <array>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/layers/stacked.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/ops/arrays/noise.hpp>

namespace unspool::nn {

void require_sequences(Var const& xs, Where where) {
    Window const& w = xs.window(where);
    if (w.shape.rank() != 3)
        throw ShapeError(describe(where, "layer", "the input is no batch of sequences",
                                  "xs [T,B,I], or [B,T,I] where batch_first", std::array{Shown{label(xs), w.shape}}));
}

Var sequence_of(std::span<Var const> outputs, Var const& of_state, Where where) {
    if (!outputs.empty()) return stack(outputs, 0, where);
    Shape none{0};
    for (Index d : of_state.shape()) none.push_back(d);
    return of_state.tape().zeros(none, where);
}

std::string layer_name(Index layer, bool reverse) { return fmt::format("l{}{}", layer, reverse ? "_reverse" : ""); }

StackedOptions const& checked(StackedOptions const& o, Where where) {
    if (o.layers < 1)
        throw ValueError(fmt::format("{}: Stacked: layers is {}, but must be at least 1", text(where), o.layers));
    require_number(o.dropout >= 0 && o.dropout <= 1, "Stacked", "dropout", o.dropout, "in [0, 1]", where);
    require_number(o.dropout == 0 || o.layers > 1, "Stacked", "dropout", o.dropout,
                   "0 where there is one layer: it is on the outputs of all layers but the last", where);
    return o;
}

Var time_first(Var xs, bool batch_first, Where where) {
    return batch_first ? contiguous(transpose(xs, {1, 0, 2}, where.inside()), where.inside()) : xs;
}

Var between(Var ys, double p, Random* random, Where where) {
    return random && p > 0 ? dropout(ys, p, *random, where.inside()) : ys;
}

void require_states(std::span<Var const> parts, Index n, Where where) {
    for (Var const& part : parts)
        if (Shape const& s = part.window(where).shape; s.rank() != 3 || s[0] != n)
            throw ShapeError(describe(where, "layer", "the state does not fit",
                                      fmt::format("[{},B,...], one for each layer and direction", n),
                                      std::array{Shown{label(part), s}}));
}

}  // namespace unspool::nn
