// The checks that layers and optimisers share, and the wording of their errors.
#pragma once
#include <string_view>
#include <unspool/autograd/array/where.hpp>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

/// ValueError unless `n` is at least 1: "model.cpp:12: nn::LSTMCell encoder.lstm: hidden is 0, but must be at least 1".
void require_size(std::string_view layer, Params const&, std::string_view size, Index n, Where);

/// ValueError unless `fine`: "train.cpp:30: Adam: beta1 is 1, but must be in [0, 1)".
void require_number(bool fine, std::string_view owner, std::string_view name, double x, std::string_view range, Where);

/// ValueError unless `n` is at least `least`: "train.cpp:30: schedule::step: every is 0, but must be at least 1".
void require_at_least(Index least, std::string_view owner, std::string_view name, Index n, Where);

/// ValueError unless x is finite and not negative.
void require_not_negative(std::string_view owner, std::string_view name, double x, Where);

}  // namespace unspool::core
