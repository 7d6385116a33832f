// Two streams without an end, on which a network learns at each step.
#pragma once
#include <unspool.hpp>

namespace streams {

using namespace unspool;

/// Where the gradients of a step come from.
enum class Method { rtrl, snap_1, truncated };

// ---- a rule that changes --------------------------------------------------------------------------------------------

struct EchoOptions {
    Index steps = 24000, hidden = 16;
    Index delay        = 6,
          delay_later  = 4;  ///< the answer is the bit so many steps ago, and from the middle on another one, negated
    Index truncation   = 4;  ///< steps back that truncated backpropagation sees
    double rate        = 5e-3;  ///< of Adam
    std::uint64_t seed = 1;
};
/// Mean squared errors before an answer is known, of 1 or −1: in the last tenth before the change, in the tenth behind
/// it, and in the last one.
struct EchoErrors {
    double learned, surprised, learned_again;
};
EchoErrors echo(Method, EchoOptions const& = {});

// ---- influences that balance ----------------------------------------------------------------------------------------

/// Tallec and Ollivier, "Unbiased online recurrent optimization" (2018), section 5.1: a chain of units, s_i' = ½ s_i +
/// ½ s_{i+1} ± θ, of which the first is to be 1.  Those that it hears of soon are pushed by θ, more of them, that it
/// hears of later, by −θ: who does not look that far back learns the wrong way.
struct BalanceOptions {
    Index units = 23, pushed = 10, steps = 4000;
    Index truncation = 10;  ///< steps that truncated backpropagation goes through at a time
    double rate      = 1e-4;
};
/// ½ (s_1 − 1)², in the mean of the last tenth; infinity where it went beyond 1e6.
double balance(Method, BalanceOptions const& = {});

}  // namespace streams
