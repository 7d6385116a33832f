// Whether the processes that train one model together mean the same.
#pragma once
#include <string>
#include <unspool/nn/fit/batch_source.hpp>
#include <unspool/nn/ranks/ranks.hpp>
#include <vector>

namespace unspool::core {

struct EvaluateOptions;
struct FitOptions;

/// What a rank has, under the name that its user knows.
struct OfARun {
    std::string name, value;
};

/// All that a training depends on and that ranks are not given by rank 0.
std::vector<OfARun> facts(FitOptions const&, BatchFeed const& train, BatchFeed const* validation);
std::vector<OfARun> facts(EvaluateOptions const&, BatchFeed const&);
/// RankError, on all ranks, that names the first in which a rank differs from rank 0, and both values.
void require_same(Ranks&, char const* who, std::vector<OfARun> const&, Where);

}  // namespace unspool::core
