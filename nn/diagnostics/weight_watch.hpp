// How parameters are spread, and by how much an update moves them.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unspool/autograd/tape/params.hpp>
#include <vector>

namespace unspool::core {

/// Of the elements that are finite, in bins of equal width from the least to the greatest.
struct WeightHistogram {
    double low = 0, high = 0;
    std::vector<Index> counts;
    Index not_finite = 0;
};
WeightHistogram weight_histogram(std::span<double const>, Index bins = 30);
WeightHistogram weight_histogram(Param const&, Index bins = 30);
std::vector<double> elements_of(Param const&);

/// Compares parameters with what they were.  Of models with many, the first so many.
class WeightWatch {
public:
    static constexpr std::size_t most = 60;
    static std::vector<Param*> watched(Params const&);

    explicit WeightWatch(Params const& all) : params_(all) { copy(); }

    void copy();  ///< as they are now
    /// ‖Δw‖ / ‖w‖ of each since copy(), where w is what it was: NaN for a new one, and for one that was all 0.
    void compare();
    void forget() { ratios_.clear(); }
    std::vector<double> const& ratios() const { return ratios_; }  ///< in the order of names(); empty before compare()
    std::vector<std::string> names() const;
    Index left_out() const;          ///< how many are not watched
    std::string histograms() const;  ///< as JSON: [{"low":-1,"high":1,"bad":0,"counts":[…]}, …]

private:
    std::vector<Param*> watched() const { return watched(params_); }

    Params params_;
    std::vector<std::uint64_t> serials_;
    std::vector<std::vector<double>> copies_;
    std::vector<double> ratios_;
};

}  // namespace unspool::core
