// A learned vector for each symbol.
#pragma once
#include <unspool/autograd/params.hpp>
#include <unspool/nn/require.hpp>
#include <unspool/ops/gather.hpp>

namespace unspool {

/// Rows of the parameter weight [count,dim] by number; they start standard normal, as in PyTorch.
class Embedding {
public:
    /// ValueError unless both sizes are at least 1.
    Embedding(Params p, Index count, Index dim, Where = Where::here());

    /// `ids` is an xtensor array or a range of integers; the result has its shape and the axis dim.  IndexError where a
    /// number is not that of a row.
    template <IntegerArray X> Var operator()(Tape& tape, X const& ids, Where where = Where::here()) const {
        return embedding(tape, weight, ids, where);
    }

    Param& weight;
};

}  // namespace unspool
