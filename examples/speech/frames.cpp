// What a network hears of a sound.
#include "frames.hpp"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace speech {

namespace {

double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }

/// How much of each frequency of the spectrum a band has: [bands,window / 2 + 1].
xt::xtensor<double, 2> triangles() {
    xt::xtensor<double, 2> out = xt::zeros<double>({bands, window / 2 + 1});
    double const width         = mel(sample_rate / 2.0) / (bands + 1);
    for (Index b = 0; b < bands; ++b)
        for (Index k = 0; k <= window / 2; ++k) {
            double const hertz = static_cast<double>(k) * sample_rate / window;
            out(b, k)          = std::max(0.0, 1 - std::abs(mel(hertz) / width - static_cast<double>(b + 1)));
        }
    return out;
}

/// The energy at each frequency of a window that begins there; silence behind the end.
std::vector<double> spectrum(Sound const& sound, std::size_t begin) {
    std::vector<std::complex<double>> x(window);
    for (std::size_t t = 0; t < x.size() && begin + t < sound.size(); ++t)
        x[t] = sound[begin + t] * (0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(t) / window));
    fourier(x);
    std::vector<double> out;
    for (std::size_t k = 0; k <= window / 2; ++k) out.push_back(std::norm(x[k]));
    return out;
}

}  // namespace

void fourier(std::span<std::complex<double>> x) {
    std::size_t const n = x.size(), half = n / 2;
    if (n < 2) return;
    std::vector<std::complex<double>> parts(n);  // even ones, odd ones
    for (std::size_t t = 0; t < n; ++t) parts[t / 2 + (t % 2) * half] = x[t];
    fourier(std::span(parts).first(half)), fourier(std::span(parts).last(half));
    for (std::size_t k = 0; k < half; ++k) {
        auto const odd =
            std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n)) * parts[half + k];
        x[k] = parts[k] + odd, x[k + half] = parts[k] - odd;
    }
}

xt::xtensor<double, 2> log_mel(Sound const& sound) {
    static xt::xtensor<double, 2> const weights = triangles();
    std::size_t const frames                    = sound.size() <= window ? 1 : (sound.size() - window) / hop + 1;
    xt::xtensor<double, 2> out                  = xt::empty<double>({frames, static_cast<std::size_t>(bands)});
    for (std::size_t t = 0; t < frames; ++t) {
        auto const energy = spectrum(sound, t * hop);
        for (std::size_t b = 0; b < out.shape(1); ++b) {
            double sum = 0;
            for (std::size_t k = 0; k < energy.size(); ++k) sum += weights(b, k) * energy[k];
            out(t, b) = std::log(1e-6 + sum);
        }
    }
    return out;
}

}  // namespace speech
