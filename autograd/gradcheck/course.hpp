// The slopes of one row over all steps, from the first to the last, and what they say together.
#pragma once
#include <optional>
#include <unspool/autograd/gradcheck/judgement.hpp>

namespace unspool::core {

class Course {
public:
    /// Of a step to the one before: √5 - 2, since waves fit into ratios of whole numbers.
    static constexpr double ratio = 0.2360679774997897;

    Course(Claim const&, std::vector<FiniteDifferences> const& seen, std::size_t row, Tolerance const&);

    FiniteDifference const& operator[](std::size_t k) const { return seen_[k][row_]; }
    std::size_t size() const { return seen_.size(); }
    /// Of a slope, or what is more: rounding blurs it as it does those of finer steps, but for their length.
    double error(std::size_t k) const { return error_[k]; }
    /// Do two steps say the same, as well as they can tell?
    bool agree(std::size_t a, std::size_t b) const;

    /// Three steps or more that agree: their range, and the one that tells best.
    struct Plateau {
        std::size_t finest, coarsest, best;
    };
    /// The finest, or of those that say the same the one that tells best; and the next coarser one that says something else.
    std::array<std::optional<Plateau>, 2> plateaus() const;
    /// Is the claim what it says?
    bool on(Plateau const&) const;
    /// Does any step bear the claim out?
    bool borne_out() const;

    /// Where the slopes at both sides are as different as they were farther away.
    std::optional<std::size_t> kink() const;
    /// Does the difference to what is beside it not shrink with the step?
    bool jump() const;
    /// The first of the last steps over which nothing changes, if there are two.
    std::optional<std::size_t> still() const;
    /// The change that one sees with a slope and a gap, but for the step.
    double near(std::size_t k) const { return (*this)[k].gap + std::abs((*this)[k].central); }

private:
    std::optional<std::size_t> finest(std::size_t end, auto const& holds) const;
    std::optional<Plateau> plateau(std::size_t end) const;  // the finest that ends before that step
    bool apart(Plateau const&, Plateau const&) const;
    bool tells(std::size_t k) const;
    bool broken(std::size_t k) const;
    double size_of(std::size_t k) const { return std::max(std::abs(claim_.backward), std::abs((*this)[k].central)); }

    Claim const& claim_;
    std::vector<FiniteDifferences> const& seen_;
    std::size_t row_;
    Tolerance const& tolerance_;
    Numbers error_;
};

}  // namespace unspool::core
