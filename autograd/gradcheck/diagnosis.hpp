// What a gradient check says of what went wrong: which nodes are to blame, where kinks are, and what cannot be judged.
#pragma once
#include <string>
#include <unspool/autograd/gradcheck/judgement.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/report.hpp>

namespace unspool::core {

class Diagnosis {
public:
    Diagnosis(RecordedFunction& f, GradcheckOptions const& options) : f_(f), options_(options) {}

    /// "" if two results, or two gradients by all points, are the same.
    static std::string nondeterminism(Numbers const& a, Numbers const& b);
    std::string nondeterminism(std::vector<Numbers> const& a, std::vector<Numbers> const& b) const;
    void name_what_differs(GradReport&);
    void require_finite(Numbers const& result, GradReport&);
    /// That the result is that of the plainest recording: differences of values that are wrong themselves would agree with gradients
    /// that are wrong likewise.
    void require_plain_value(Numbers const& result, GradReport&);

    /// Who made the gradient along this line wrong; `gradients` are those of the sum with these weights.
    void find_culprits(GradReport&, Line const&, std::vector<Numbers> const& gradients, Numbers const& weights);

    /// Takes back what was called wrong, if no node is, and all that it is about, a change of the result, is less than rounding may do.
    void leave_to_rounding(GradReport&, double change);

    void locate_kink(GradReport&, Line const&, Judgement const&);
    /// Of an element that could not be judged.
    void locate_edge(GradReport&, Line const&, Judgement const&);
    /// The largest value that any node has.
    double largest_value();
    /// The side of a point, -1 or 1, at which the program takes the same path as there, if it does so at one only; else 0.
    int same_branch(Line const&, double step);

private:
    static constexpr std::size_t located = 20;  // kinks: each takes five evaluations

    void find_ways_around(GradReport&, Line const&);
    std::string diagnosis(std::vector<Numbers> const& gradients, Numbers const& weights);
    void name_what_is_not_plain(GradReport&);
    bool changes_without_mechanisms(std::vector<Numbers> const& gradients, Numbers const& weights);

    RecordedFunction& f_;
    GradcheckOptions const& options_;
};

}  // namespace unspool::core
