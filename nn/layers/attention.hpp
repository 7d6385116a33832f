// Attention of a decoder to what an encoder gave: which steps of a sequence matter now.
#pragma once
#include <span>
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// What was looked up.
struct Attended {
    Var context;  ///< [B,V]: the mean of the values, by these weights
    Var weights;  ///< [B,T]: not negative, and 1 in sum; 0 where a sequence does not have the step, and so in all of an empty one
};

/// A sequence that is looked up many times.  What does not depend on the query was computed once.
struct Memory {
    Var values;  ///< [T,B,V]
    Var keys;    ///< of the form that the attention wants
    Var mask;    ///< [T,B]: 1 where a sequence has the step; empty if all have
};

/// Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate" (2015), appendix A.1.2:
///     e_t = vᵀ tanh(W q + U k_t)      α = softmax(e)      c = Σ α_t k_t
class AdditiveAttention {
public:
    /// Parameters W.weight [hidden,query], U.weight [hidden,memory], v.weight [1,hidden].  ValueError unless the sizes are at least 1.
    AdditiveAttention(Params p, Index query, Index memory, Index hidden, Where = Where::here());

    /// Of the outputs [T,B,memory] of an encoder.
    Memory remember(Var outputs, std::span<Index const> lengths = {}, Where = Where::here()) const;
    Attended operator()(Var query, Memory const&, Where = Where::here()) const;  ///< query [B,query]

    /// Of the query, of the memory, and of their sum.
    Linear W, U, v;
};

/// Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation" (2015), equation 8:
///     e_t = qᵀ k_t                    α = softmax(e)      c = Σ α_t k_t
/// with e divided by √d where `scaled`, as Vaswani et al. (2017) do.
class DotAttention {
public:
    /// `scaled`: by 1/√features, as in Vaswani et al. (2017).
    explicit DotAttention(bool scaled = false) : scaled_(scaled) {}

    /// Of the outputs [T,B,d] of an encoder.
    Memory remember(Var outputs, std::span<Index const> lengths = {}, Where = Where::here()) const;
    Attended operator()(Var query, Memory const&, Where = Where::here()) const;  ///< query [B,d], of outputs [T,B,d]

private:
    bool scaled_;
};

/// The form of these between the two: Luong, Pham and Manning (2015), equation 8, "general":
///     e_t = qᵀ W k_t                  α = softmax(e)      c = Σ α_t k_t
class BilinearAttention {
public:
    /// Parameter W.weight [query,memory].  ValueError unless the sizes are at least 1.
    BilinearAttention(Params p, Index query, Index memory, Where = Where::here());

    /// Of the outputs [T,B,memory] of an encoder.
    Memory remember(Var outputs, std::span<Index const> lengths = {}, Where = Where::here()) const;
    Attended operator()(Var query, Memory const&, Where = Where::here()) const;  ///< query [B,query]

    /// Between the query and the memory.
    Linear W;
};

}  // namespace unspool::nn
