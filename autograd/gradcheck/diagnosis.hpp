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

    /// Who made the gradients along these lines wrong; `gradients` are those of the sum with these weights.  False, with nobody to blame,
    /// if each node is right by itself, the inputs have no way to the result but through nodes, and the nodes' adjoints, added up one
    /// by one, are these gradients: then differences of the result see roundings alone.
    bool blames(GradReport&, std::vector<Line> const&, std::vector<Numbers> const& gradients, Numbers const& weights);

    /// The same of what could not be judged, where only what can be named counts; false if something was named before.
    bool names(GradReport&, std::vector<Line> const&, std::vector<Numbers> const& gradients, Numbers const& weights);
    /// Only whether single nodes are wrong.
    bool blames_nodes(GradReport&);

    void locate_kink(GradReport&, Line const&, Judgement const&);
    /// Of an element that could not be judged.
    void locate_edge(GradReport&, Line const&, Judgement const&);
    /// The largest value that any node has.
    double largest_value();
    /// The side of a point, -1 or 1, at which the program takes the same path as there, if it does so at one only; else 0.
    int same_branch(Line const&, double step);

private:
    static constexpr std::size_t located = 20;  // kinks: each takes five evaluations

    std::vector<Line> some_of(std::vector<Line> const&) const;
    bool find_ways_around(GradReport&, Line const&, Snapshot const& here);
    bool adds_up(std::vector<Numbers> const& gradients, Numbers const& weights);
    std::string diagnosis(std::vector<Numbers> const& gradients, Numbers const& weights);
    void name_what_is_not_plain(GradReport&);
    bool changes_without_mechanisms(std::vector<Numbers> const& gradients, Numbers const& weights);

    RecordedFunction& f_;
    GradcheckOptions const& options_;
};

}  // namespace unspool::core
