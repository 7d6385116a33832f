// Ticks at 1, 2 and 5 times powers of ten.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <unspool/nn/diagnostics/axis.hpp>

namespace unspool::core {

namespace {

/// "1.5e-8"
std::string with_exponent(double x, int digits) {
    std::string out         = fmt::format("{:.{}e}", x, std::clamp(digits, 0, 15));
    std::size_t const e     = out.find('e') + 1;
    bool const minus        = out[e] == '-';
    std::string const power = out.substr(std::min(out.find_first_not_of('0', e + 1), out.size() - 1));
    return out.substr(0, e) + (minus ? "-" : "") + power;
}

int exponent_of(double x) { return x == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(x)) + 1e-9)); }

struct Labelled {
    double x;
    std::string text;
};

std::string text_of(double x, double step, double largest) {
    int const last = exponent_of(step);
    if (x == 0) return "0";
    if (largest < 1e6 && last >= -4) return fmt::format("{:.{}f}", x, std::max(0, -last));
    return with_exponent(x, exponent_of(x) - last);
}

std::vector<Labelled> nice_numbers(double low, double high, double least_step, Index most) {
    auto const n       = static_cast<double>(std::max<Index>(most, 1));
    double const rough = std::max(high / n - low / n, least_step), unit = std::pow(10, std::floor(std::log10(rough)));
    double step = 10 * unit;
    for (double times : {5, 2, 1})
        if (times * unit >= rough * (1 - 1e-9)) step = times * unit;
    std::vector<Labelled> out;
    double const largest = std::max(std::abs(low), std::abs(high));
    if (!(step > 0) || !std::isfinite(step) || !(largest / step < 0x1p53)) return out;  // else i + 1 may be i
    double const last = std::floor(high / step + 1e-9);
    for (double i = std::ceil(low / step - 1e-9); i <= last; ++i)
        out.push_back({i * step, text_of(i * step, step, largest)});
    return out;
}

std::string power_of_ten(Index k) {
    return k >= -4 && k < 6 ? fmt::format("{:g}", std::pow(10, k)) : fmt::format("1e{}", k);
}

}  // namespace

Axis::Axis(Kind kind, double low, double high) : kind_(kind), low_(low), high_(high) {
    if (kind == logarithmic) low_ = std::log10(low), high_ = std::log10(high);
    double const half = high_ / 2 - low_ / 2, size = std::max(std::abs(low_), std::abs(high_));
    double margin = kind == whole ? 0 : half / 10;
    if (!(half > std::max(size, kind == logarithmic ? 1. : 0.) * 1e-12))
        margin = kind != linear || size * 0.05 == 0 ? 0.5 : size * 0.05;
    constexpr double most = std::numeric_limits<double>::max();
    low_ = std::max(low_ - margin, -most), high_ = std::min(high_ + margin, most);
}

double Axis::height(double x) const { return kind_ == logarithmic ? std::log10(x) : x; }

double Axis::place(double x) const { return (height(x) / 2 - low_ / 2) / (high_ / 2 - low_ / 2); }

std::vector<Tick> Axis::decades(Index most) const {
    std::vector<Tick> out;
    auto const first = static_cast<Index>(std::ceil(low_)), last = static_cast<Index>(std::floor(high_));
    Index const stride = (last - first) / std::max<Index>(most, 1) + 1;
    auto const add     = [&](double x, std::string text) {
        if (double const p = place(x); p >= 0 && p <= 1) out.push_back({p, std::move(text)});
    };
    for (Index k = first - 1; k <= last; ++k) {
        if (k % stride != 0) continue;
        add(std::pow(10, k), power_of_ten(k));
        for (double times : {2, 5})
            if (last - first < 3)
                add(times * std::pow(10, k), text_of(times * std::pow(10, k), std::pow(10, k), std::pow(10, high_)));
    }
    return out;
}

std::vector<Tick> Axis::ticks(Index most) const {
    if (kind_ == logarithmic && std::floor(high_) - std::ceil(low_) >= 1) return decades(most);
    bool const curved = kind_ == logarithmic;  // of less than two decades
    std::vector<Tick> out;
    double const low = curved ? std::pow(10, low_) : low_, high = curved ? std::pow(10, high_) : high_;
    for (auto& [x, text] : nice_numbers(low, high, kind_ == whole ? 1 : 0, most))
        if (!curved || x > 0) out.push_back({place(x), std::move(text)});
    return out;
}

}  // namespace unspool::core
