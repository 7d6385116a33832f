// A learned vector for each symbol.
#pragma once
#include <optional>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/ops/arrays/gather.hpp>

namespace unspool::nn {

struct EmbeddingOptions {
    std::optional<Index> padding = {};  ///< this row starts at zero and learns nothing, as PyTorch's padding_idx
};

/// Rows of the parameter weight [count,dim] by number; they start standard normal, as in PyTorch.  To tie an output to it:
/// `Linear out(embed.weight);`.
class Embedding {
public:
    /// ValueError unless both sizes are at least 1; IndexError unless `padding` is a row.
    Embedding(Params p, Index count, Index dim, EmbeddingOptions const& options = {}, Where = Where::here());
    /// Of a parameter that exists: rows of what another layer has.
    explicit Embedding(Param& weight_) : weight(weight_) {}

    /// `ids` is an xtensor array or a range of integers; the result has its shape and the axis dim.  IndexError where a
    /// number is not that of a row.
    template <IntegerArray X> Var operator()(Tape& tape, X const& ids, Where where = Where::here()) const {
        return (*this)(tape, indices(tape, ids), where);
    }
    Var operator()(Tape&, Indices const& ids, Where = Where::here()) const;

    Param& weight;  ///< [symbols,features]

private:
    std::optional<Index> padding_;
};

}  // namespace unspool::nn
