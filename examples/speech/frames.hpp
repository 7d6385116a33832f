// What a network hears of a sound.
#pragma once
#include <complex>
#include <span>

#include "wav.hpp"

namespace speech {

constexpr Index bands = 24, window = 256, hop = 128;  // of samples: 32 ms, every 16 ms

/// log(10⁻⁶ + energy) [frames,bands] in bands that are equally wide on the mel scale, 2595 lg(1 + f / 700 Hz): triangles over the spectrum of
/// windows by von Hann.  A sound that is shorter than one window is filled up with silence.
xt::xtensor<double, 2> log_mel(Sound const&);

/// x_k ← Σ_t x_t exp(−2πi k t / n); n is a power of 2: Cooley and Tukey (1965).
void fourier(std::span<std::complex<double>> x);

}  // namespace speech
