// Whether gradients are right, by how the function changes along a line.
#pragma once
#include <algorithm>
#include <string>
#include <unspool/autograd/gradcheck/finite_difference.hpp>

namespace unspool::core {

/// When a value is right: within `relative` of the larger one.  One that is not, but differs by less than `absolute` times the
/// scale of the gradients and what rounding explains, is not wrong.
struct Tolerance {
    double relative, absolute;

    bool equal(double a, double b) const { return std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b)); }
    double slack(FiniteDifference const& s, double scale) const { return absolute * scale + s.noise; }
    double allowed(double a, FiniteDifference const& s, double scale) const {
        return std::max(relative * std::max(std::abs(a), std::abs(s.central)), slack(s, scale));
    }
    bool close(double a, FiniteDifference const& s, double scale) const {
        return s.finite() && std::abs(a - s.central) <= allowed(a, s, scale);
    }
};

/// Of the values in a row of the Jacobian, or else of the results: what `absolute` is relative to, if it is below 1.
double scale_of(double largest_gradient, double largest_result);

/// |a - b| by the larger one; infinite where one is not finite.
double relative_error(double a, double b);

/// A row that cannot be judged is `hidden` where rounding hides it, `edge` where no step is small enough; a `coarse` one is judged
/// less exactly than others.  The later win, if the rows of an element differ.
enum class Agreement { zero, hidden, coarse, right, edge, kink, jump, wrong, not_finite };

/// The verdict over a line, and the worst of the rows that have it.
struct Judgement {
    Agreement verdict = Agreement::zero;
    std::size_t row   = 0;
    double backward = 0, numeric = 0, error = -1;
    char const* remark = "";
    double step        = 0;  // at which it fell
    std::string seen{};      // of what is unresolved: the slopes, by step

    bool right() const {
        return verdict == Agreement::zero || verdict == Agreement::coarse || verdict == Agreement::right;
    }
    bool unresolved() const { return verdict == Agreement::hidden || verdict == Agreement::edge; }
    bool kink() const { return verdict == Agreement::kink || verdict == Agreement::jump; }
    bool wrong() const { return verdict >= Agreement::wrong; }
    bool yields_to(Judgement const& other) const {
        return other.verdict > verdict || (other.verdict == verdict && other.error > error);
    }
};

/// What backward() says of a row, and the scale of the gradients in it.  One that is `aside` counts only if it is wrong.
struct Claim {
    double backward, scale;
    bool aside = false;
};

/// The step to begin with, and the least that makes sense.
struct Steps {
    double first, least;
};
Steps steps_at(double step, double unit, double value);

/// Could the roundings of numbers as large as `computed_with` be what differs?  What is hidden agrees, but for a value's roundings over a step.
inline bool within_roundings(Judgement const& j, double computed_with) {
    double const over = j.verdict == Agreement::hidden ? std::min(j.step, 1.0) : 1;
    return std::abs(j.backward - j.numeric) * over <= rounding * computed_with;
}
/// The same where nothing moves.
inline bool rests_by_rounding(Judgement const& j, double computed_with) {
    return j.wrong() && j.numeric == 0 && within_roundings(j, computed_with);
}

/// Are the backward values right, one a row?  If the slopes over the first step say so, and one value as near as rounding lets it tell
/// agrees, they are.  Else the step shrinks down to the least, and what the finest steps agree on is the truth.
Judgement judge(std::vector<Claim> const&, Steps, Profile const&, Tolerance const&);

}  // namespace unspool::core
