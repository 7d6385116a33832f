// A product of two vectors whose expectation is the influence: Tallec and Ollivier, "Unbiased online recurrent
// optimization" (2018).
#include <algorithm>
#include <cmath>
#include <unspool/nn/online/influence.hpp>

namespace unspool::core {

namespace {

double norm(std::vector<double> const& x) {
    double sum = 0;
    for (double v : x) sum += v * v;
    return std::sqrt(sum);
}
double norm(ByParam const& all) {
    double sum = 0;
    for (auto const& [param, x] : all) sum += std::pow(norm(x), 2);
    return std::sqrt(sum);
}

class Guess final : public Influence {
public:
    explicit Guess(Random& random) : random_(random), drawn_(random) {}

    void advance(StepSweeps const& step, std::vector<bool> const& rows) override {
        drawn_ = random_;
        state_.resize(step.size(), 0.0);
        std::vector<double> const carried = step.along(state_);
        std::vector<double> signs(step.size(), 0.0);
        next_state_ = state_, next_ = by_param_;
        for (std::size_t i = 0; i < signs.size(); ++i)
            if (rows[i]) signs[i] = drawn_.uniform() < 0.5 ? -1 : 1, next_state_[i] = carried[i];
        if (norm(next_state_) == 0) next_.clear();  // nothing is carried on
        ByParam const now = step.row(signs).params;
        // Of whatever size these two are, the expectation is the same; with equal norms, the variance is least.
        double const old_ratio = balance(norm(next_), norm(next_state_)),
                     ratio     = now.empty() ? 0 : balance(norm(now), norm(signs));
        for (std::size_t i = 0; i < signs.size(); ++i) next_state_[i] = old_ratio * next_state_[i] + ratio * signs[i];
        for (auto& [param, x] : next_)
            for (double& v : x) v /= old_ratio;
        for (auto const& [param, g] : now) add(param, g, ratio);
    }
    ByParam through(std::span<double const> ds) const override {
        double product = 0;
        for (std::size_t i = 0; i < ds.size(); ++i) product += ds[i] * next_state_[i];
        ByParam out = next_;
        for (auto& [param, x] : out)
            for (double& v : x) v *= product;
        return out;
    }
    void commit() override { state_.swap(next_state_), by_param_.swap(next_), random_ = drawn_; }

private:
    static double balance(double parameters, double state) {
        return parameters > 0 && state > 0 ? std::sqrt(parameters / state) : 1;
    }
    void add(Param const* p, std::vector<double> const& g, double ratio) {
        auto at = std::find_if(next_.begin(), next_.end(), [&](auto const& each) { return each.first == p; });
        if (at == next_.end()) at = next_.emplace(at, p, std::vector<double>(g.size(), 0.0));
        for (std::size_t k = 0; k < g.size(); ++k) at->second[k] += g[k] / ratio;
    }

    Random& random_;
    Random drawn_;  // what random_ will be
    std::vector<double> state_, next_state_;
    ByParam by_param_, next_;
};

}  // namespace

std::unique_ptr<Influence> guessed_influence(Random& random) { return std::make_unique<Guess>(random); }

}  // namespace unspool::core
