// A cell that learns online, and the same through time, of losses at all steps.
#pragma once
#include <boost/test/unit_test.hpp>
#include <plans/cells.hpp>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

namespace online {

using namespace unspool;
using Numbers = xt::xarray<double>;
using List    = std::vector<double>;

inline Numbers drawn(Shape const& shape, Random& random) {
    auto out = Numbers::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = random.normal();
    return out;
}

/// [1,1]
inline Numbers one(double x) { return xt::ones<double>({1, 1}) * x; }

/// A recurrent net of three units.
struct Small {
    Param &W, &u;

    explicit Small(Params p) : W(p.normal("W", {3, 3}, 0, 0.8)), u(p.normal("u", {3}, 0, 1)) {}
    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return tanh(linear(h, W) + u * x); }
};

/// Inputs and wanted outputs, step by step.
struct Stream {
    std::vector<std::vector<Numbers>> xs;
    std::vector<Numbers> ys;

    Stream(core::SteppedCell const& cell, std::vector<Shape> const& inputs, Index batch, Index steps,
           std::uint64_t seed = 1) {
        Random random(seed);
        Tape tape(float64);
        Shape const out = cell.output(cell.start(tape, batch)).shape();
        for (Index t = 0; t < steps; ++t) {
            xs.emplace_back();
            for (Shape shape : inputs) shape.insert(0, batch), xs.back().push_back(drawn(shape, random));
            ys.push_back(drawn(out, random));
        }
    }
    Index steps() const { return std::ssize(xs); }
};

inline Var cost(Var output, Numbers const& y) { return sum(square(output - y)); }

/// Gradients of all losses together, and of the last one.
struct Learned {
    List all, last;
    double loss = 0;
};
Learned through_time(core::SteppedCell const&, Params const&, Stream const&, Index batch);
Learned learn(OnlineLearner&, Params const&, Stream const&);

/// The greatest difference, of the greatest number.
double apart(List const& got, List const& expected);
inline double apart(Learned const& got, Learned const& expected) {
    return std::max({apart(got.all, expected.all), apart(got.last, expected.last),
                     std::abs(got.loss - expected.loss) / std::max(1.0, std::abs(expected.loss))});
}

}  // namespace online
