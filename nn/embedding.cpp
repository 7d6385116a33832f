// A learned vector for each symbol.
#include <unspool/nn/embedding.hpp>

namespace unspool {

namespace {

Param& table(Params p, Index count, Index dim, Where where) {
    require_size("Embedding", p, "count", count, where);
    require_size("Embedding", p, "dim", dim, where);
    return p.normal("weight", {count, dim}, 0, 1);
}

}  // namespace

Embedding::Embedding(Params p, Index count, Index dim, Where where) : weight(table(p, count, dim, where)) {}

}  // namespace unspool
