// A critic that tells how far apart two families of sequences are: Gulrajani, Ahmed, Arjovsky, Dumoulin and
// Courville, "Improved training of Wasserstein GANs" (2017), without a generator.
#pragma once
#include <unspool.hpp>

namespace gradient_penalty {

using namespace unspool;

using Waves = xt::xtensor<float, 3>;  ///< [T,B,1]

/// Sine waves of any amplitude, frequency and phase, T = 16.
Waves waves(std::size_t batch, Random&);
/// The same family along a ramp, whose norm is `apart`.  So far are the two from each other, in Wasserstein's
/// distance: nothing less than the mean moves, and all waves can move by just that.
Waves on_a_ramp(Waves, double apart);

struct Options {
    Index updates      = 500;
    double penalty     = 10;  ///< λ
    double apart       = 1;
    std::uint64_t seed = 1;
};

/// Of waves that were not seen.
struct Figures {
    double distance;  ///< as the critic sees it: the mean of D(a) less that of D(b)
    double norm,
        deviation;  ///< of ∂D/∂x between the two families: the mean, and the root of the mean of (‖∂D/∂x‖ − 1)²
};

Figures learn(Options const&);

}  // namespace gradient_penalty
