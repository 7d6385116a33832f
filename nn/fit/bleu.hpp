// How near translations come to those of people.
#pragma once
#include <span>
#include <unspool/autograd/array/where.hpp>
#include <unspool/nn/data/sequence.hpp>
#include <vector>

namespace unspool::core {

/// Papineni et al., "BLEU: a method for automatic evaluation of machine translation" (2002), of a whole corpus:
///     BLEU = min(1, exp(1 − r / c)) (p_1 ⋯ p_N)^(1/N)
/// p_n is the share of all n-grams of the candidates that are in a reference of the same sentence, each as often as in one of them at
/// most; c counts the words of the candidates, r those of the references that are nearest in length (of two, the shorter).  From 0,
/// also where no n-gram of a length is right or there is none, to 1.  ValueError unless there are as many lists of references as
/// candidates, each has one reference at least, and 1 ≤ N.
double bleu(std::span<Symbols const> candidates, std::span<std::vector<Symbols> const> references, Index most = 4,
            Where = Where::here());
/// With one reference for each.
double bleu(std::span<Symbols const> candidates, std::span<Symbols const> references, Index most = 4,
            Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::bleu;

}  // namespace unspool
