// A learned vector for each symbol.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/modules/embedding.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

namespace {

Param& table(Params p, Index count, Index dim, EmbeddingOptions const& options, Where where) {
    require_size("Embedding", p, "count", count, where);
    require_size("Embedding", p, "dim", dim, where);
    if (options.padding && (*options.padding < 0 || *options.padding >= count))
        throw IndexError(
            fmt::format("{}: Embedding: the padding is row {} of {}", text(where), *options.padding, count));
    return p.normal("weight", {count, dim}, 0, 1, where);
}

void clear_row(Param& weight, Index row) {
    dispatch(weight.dtype(), [&](auto t) {
        using T         = decltype(t);
        Index const dim = weight.shape()[1];
        std::fill_n(static_cast<T*>(weight.mutable_data(dtype_of<T>)) + row * dim, dim, T(0));
    });
}

/// 1 where a number is `padding`, with another axis of size 1.
Var mask_of(Tape& tape, Indices const& ids, Index padding, Where where) {
    Shape shape = ids.shape;
    shape.push_back(1, where);
    return tape.filled(shape, where, [&](auto to) {
        std::transform(ids.numbers.begin(), ids.numbers.end(), to.begin(),
                       [&](Index i) { return i == padding ? 1 : 0; });
    });
}

}  // namespace

Embedding::Embedding(Params p, Index count, Index dim, EmbeddingOptions const& options, Where where)
    : weight(table(p, count, dim, options, where)), padding_(options.padding) {
    if (padding_) clear_row(weight, *padding_);
}

Var Embedding::operator()(Tape& tape, Indices const& ids, Where where) const {
    if (!padding_) return embedding(tape, weight, ids, where);
    Attempt const attempt(tape);
    Var const rows = embedding(tape, weight, ids, where.inside());
    return Var(core::where(mask_of(tape, ids, *padding_, where.inside()), rows.detach(where), rows), where);
}

}  // namespace unspool::nn
