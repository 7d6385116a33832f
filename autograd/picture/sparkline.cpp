// Draws with the eight blocks U+2581 to U+2588.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/sparkline.hpp>
#include <vector>

namespace unspool::core {

namespace {

/// The largest of each bin; what is not finite counts as larger than all.
std::vector<double> binned(std::span<double const> xs, std::size_t width) {
    if (xs.size() <= width) return {xs.begin(), xs.end()};
    std::vector<double> out;
    for (std::size_t k = 0; k < width; ++k) {
        auto const bin = xs.subspan(k * xs.size() / width, (k + 1) * xs.size() / width - k * xs.size() / width);
        out.push_back(*std::max_element(bin.begin(), bin.end(), [](double a, double b) {
            return std::isfinite(a) && (!std::isfinite(b) || a < b);
        }));
    }
    return out;
}

class Blocks {
public:
    Blocks(std::vector<double> const& xs, SparklineOptions const& o)
        : logarithmic_(o.logarithmic), low_(height(o.low)), high_(height(o.high)) {
        if (o.low != 0 || o.high != 0) return;
        low_ = HUGE_VAL, high_ = -HUGE_VAL;
        for (double x : xs)
            if (drawn(x)) low_ = std::min(low_, height(x)), high_ = std::max(high_, height(x));
    }

    std::string block(double x) const {
        if (!std::isfinite(x)) return "×";
        if (!drawn(x)) return " ";
        double const part = high_ > low_ ? (height(x) - low_) / (high_ - low_) : 1;
        int const k       = static_cast<int>(std::clamp(std::floor(part * 8), 0.0, 7.0));
        return std::string("\xE2\x96") + static_cast<char>(0x81 + k);
    }

private:
    bool drawn(double x) const { return std::isfinite(x) && (logarithmic_ ? x > 0 : x != 0); }
    double height(double x) const { return logarithmic_ ? std::log10(x) : x; }

    bool logarithmic_;
    double low_, high_;
};

}  // namespace

std::string sparkline(std::span<double const> xs, SparklineOptions const& o) {
    if (o.width < 1) throw ValueError(fmt::format("a sparkline of {} columns: there must be one at least", o.width));
    auto const shown = binned(xs, static_cast<std::size_t>(o.width));
    Blocks const blocks(shown, o);
    std::string out;
    for (double x : shown) out += blocks.block(x);
    return out;
}

}  // namespace unspool::core
