// Histograms of parameters, and how far they moved.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <unspool/autograd/text/json_text.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/weight_watch.hpp>

namespace unspool::core {

namespace {

double moved(std::vector<double> const& from, std::vector<double> const& to) {
    double change = 0, size = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
        change += (to[i] - from[i]) * (to[i] - from[i]), size += from[i] * from[i];
    return size > 0 ? std::sqrt(change / size) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<double> elements_of(Param const& p) {
    return dispatch(p.dtype(), [&](auto type) {
        auto const x = static_cast<decltype(type) const*>(p.data());
        return std::vector<double>(x, x + p.count());
    });
}

WeightHistogram weight_histogram(Param const& p, Index bins) { return weight_histogram(elements_of(p), bins); }

WeightHistogram weight_histogram(std::span<double const> all, Index bins) {
    WeightHistogram out;
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (double x : all)
        if (std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
    if (low <= high) out.low = low, out.high = high;
    out.counts.resize(static_cast<std::size_t>(bins));
    double const width = (out.high - out.low) / static_cast<double>(bins);
    for (double x : all) {
        if (!std::isfinite(x)) ++out.not_finite;
        else
            ++out.counts[width > 0 ? std::min(static_cast<std::size_t>((x - out.low) / width), out.counts.size() - 1)
                                   : 0];
    }
    return out;
}

std::vector<Param*> WeightWatch::watched(Params const& params) {
    auto out = params.all();
    std::erase_if(out, [](Param const* p) { return !p->trained(); });
    out.resize(std::min(out.size(), most));
    return out;
}

Index WeightWatch::left_out() const {
    auto const all = params_.all();
    return std::count_if(all.begin(), all.end(), [](Param const* p) { return p->trained(); }) - std::ssize(watched());
}

void WeightWatch::copy() {
    serials_.clear(), copies_.clear();
    for (Param const* p : watched()) serials_.push_back(p->serial()), copies_.push_back(elements_of(*p));
}

void WeightWatch::compare() {
    ratios_.clear();
    for (Param const* p : watched()) {
        auto const found = std::find(serials_.begin(), serials_.end(), p->serial());
        ratios_.push_back(found == serials_.end()
                              ? std::numeric_limits<double>::quiet_NaN()
                              : moved(copies_[static_cast<std::size_t>(found - serials_.begin())], elements_of(*p)));
    }
}

std::vector<std::string> WeightWatch::names() const {
    constexpr std::size_t most_of_name = 120;  // bytes
    std::vector<std::string> out;
    for (Param const* p : watched()) out.push_back(utf8::one_line(p->path(), most_of_name));
    return out;
}

std::string WeightWatch::histograms() const {
    std::vector<std::string> out;
    for (Param const* p : watched()) {
        WeightHistogram const h = weight_histogram(*p);
        out.push_back(fmt::format("{{\"low\":{},\"high\":{},\"bad\":{},\"counts\":[{}]}}", json_number(h.low, 3),
                                  json_number(h.high, 3), h.not_finite, fmt::join(h.counts, ",")));
    }
    return fmt::format("[{}]", fmt::join(out, ","));
}

}  // namespace unspool::core
