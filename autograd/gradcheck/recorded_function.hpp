// A function as a gradient check meets it: on a tape of its own, at a point that can be moved.
#pragma once
#include <deque>
#include <unspool/autograd/array/elements.hpp>
#include <unspool/autograd/gradcheck/finite_difference.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/gradcheck/surrogates.hpp>
#include <unspool/autograd/tape/scope.hpp>

namespace unspool::core {

/// The elements of an xtensor expression, row-major.
template <class X> Numbers numbers(X const& x) {
    return {x.template begin<xt::layout_type::row_major>(), x.template end<xt::layout_type::row_major>()};
}

/// An input or a parameter: as it was given, and as the function meets it.
struct Point {
    std::string name;
    Shape shape;
    Param const* param;  // null for an input
    Numbers given;
    std::span<double> now;  // padded, as a tape wants it

    Point(Arena&, std::string name, Shape const&, Param const*, Numbers);
    void restore();
    Index size() const { return static_cast<Index>(given.size()); }
};

/// A line through a point: along one element, or in a direction.
struct Line {
    Point* point;
    std::string at;
    std::size_t element;
    Numbers direction;  // empty for an element

    double unit() const;                 ///< the length that counts as 1
    double least() const;                ///< the smallest number along it, but for zeros; 0 if there is none
    double move(double h) const;         ///< moves the point from where it was given; returns how far, after rounding
    double dot(Numbers const& g) const;  ///< of the gradient by all elements, the part along the line
};

/// All that one recording left on the tape, copied.
struct Snapshot {
    std::vector<Numbers> values;     // of each node
    std::vector<Numbers> loose;      // of operands that are no nodes: detached ones, and what was computed in a Pause
    std::vector<std::size_t> kinds;  // what each node is, but for numbers: equal where the program took the same path
};

class RecordedFunction {
public:
    /// Records once: the result is first().  Without `params`, those that the function uses are points.
    RecordedFunction(Differentiable const&, std::vector<GradInput> const&, Params const* params,
                     GradcheckOptions const&, Where);

    std::vector<Point>& points() { return points_; }
    Tape& tape() { return tape_; }
    Tape const& tape() const { return tape_; }
    Numbers const& first() const { return first_; }
    Shape const& result_shape() const { return shape_; }
    Where where() const { return where_; }     ///< the line that asks for the check
    Var const& last() const { return last_; }  ///< what was recorded last

    Var record();             ///< rewinds the tape
    Var record_as_written();  ///< the same, with no tangents in place of surrogates
    Surrogates const& surrogates() const { return surrogates_; }
    Numbers result();
    Snapshot snapshot();
    Snapshot snapshot_at(Line const&, double h);
    /// The same function by the plainest means: views copied, all mechanisms off.
    Numbers plain_result();
    Snapshot plain_snapshot();
    Snapshot plain_snapshot_at(Line const&, double h);
    /// From here on, no node lies in the memory of another, so that each can be looked at.
    void apart() { mechanisms_.hoist = mechanisms_.postpone = mechanisms_.pack = false, apart_ = true; }
    Mechanisms const& mechanisms() const { return mechanisms_; }
    void together(Mechanisms const& m) { mechanisms_ = m, apart_ = false; }
    /// From here on, neither the function nor its parameters need to live: the tape is only to be looked at.
    void stand_alone();
    /// The gradients of sum(seed * y) by each point; `y` was recorded last.
    std::vector<Numbers> gradients(Var const& y, Numbers const& seed);
    /// The same of a recording in which gradients pass through detach().
    std::vector<Numbers> gradients_attached(Numbers const& seed);
    bool loose() const;  ///< does the last recording read values that are no nodes: detached ones?
    /// The nodes that the last result depends on, one flag each.
    std::vector<bool> reached() const;
    std::vector<NodeId> nodes_of(Point const&) const;

private:
    Var record(Surrogates*);
    void add(Param const&);
    void add_used();

    Differentiable f_;
    Where where_;
    Arena memory_;
    std::vector<Point> points_;
    Mechanisms mechanisms_;
    Surrogates surrogates_;
    bool apart_ = false;
    Tape tape_{float64};
    std::vector<Var> xs_;
    std::deque<Param> own_;  // in place of the user's
    Var last_;
    Numbers first_;
    Shape shape_;
};

/// While it lives, the function is recorded so that each node can be looked at.
class Apart {
public:
    explicit Apart(RecordedFunction& f) : f_(f), before_(f.mechanisms()) { f.apart(); }
    ~Apart() { f_.together(before_); }
    Apart(Apart const&)            = delete;
    Apart& operator=(Apart const&) = delete;

private:
    RecordedFunction& f_;
    Mechanisms before_;
};

}  // namespace unspool::core
