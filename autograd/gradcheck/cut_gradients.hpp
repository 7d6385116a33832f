// Whether detach() takes something from a gradient that differences do not see: a wave that fits into their steps, or
// what rounding drowns.  The gradients that pass through it tell, and need no step.
#pragma once
#include <optional>
#include <unspool/autograd/gradcheck/judgement.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>

namespace unspool::core {

class CutGradients {
public:
    CutGradients(RecordedFunction& f, GradcheckOptions const& options) : f_(f), options_(options) {}

    /// The gradients of a sum with these weights, as they are, of what was recorded last.
    void begin(std::vector<Numbers> const& gradients, Numbers const& weights);
    /// A gradient that was found right, or could not be judged, is wrong if it has another value without detach(), by
    /// more than rounding does.  `row` is that of the sum, `scale` that of its gradients.
    void look_at(Line const&, std::size_t row, double scale, Judgement&);

private:
    double cut(Line const&, std::vector<Numbers> const& gradients, std::vector<Numbers> const& whole) const;
    bool stays(Line const&, double cut);
    bool sound();

    RecordedFunction& f_;
    GradcheckOptions const& options_;
    std::vector<Numbers> const* gradients_ = nullptr;
    Numbers const* weights_                = nullptr;
    std::vector<Numbers> whole_;  // the gradients without detach(); empty where nothing is detached
    std::optional<bool> sound_;
};

}  // namespace unspool::core
