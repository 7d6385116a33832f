#include "sensitivity.hpp"
#include <cells/neural_ode.hpp>
#include <cmath>

#include "lotka_volterra.hpp"

namespace sensitivity {

namespace {

using Array = xt::xarray<double>;

Array drawn(std::vector<std::size_t> const& shape, Random& random, double low, double high) {
    Array out = xt::zeros<double>(shape);
    for (double& x : out) x = random.uniform(low, high);
    return out;
}

/// A neural equation driven for 20 steps of unequal lengths.
struct Driven {
    Params params;
    NeuralODE cell;
    Array xs, dt, h0;

    explicit Driven(std::uint64_t seed) : params(seed, float64), cell(params / "ode", 2, 4) {
        Random random(seed + 1);
        xs = drawn({20, 1, 2}, random, -1, 1), dt = drawn({20, 1, 1}, random, 0.05, 0.3);
        h0 = drawn({1, 4}, random, -1, 1);
    }
    Var last(Tape& tape, Var first) const {
        return scan(cell, std::tuple(tape.constant(xs), tape.constant(dt)), first).state;
    }
    Array last(Array const& first) const {
        Tape tape(float64);
        return last(tape, tape.constant(first)).value<double>();
    }
    Array along(ScanDirection const& direction) const {
        return jvp(cell, params, {xs, dt}, {h0}, direction).tangent[0];
    }
};

double apart(Array const& a, Array const& b) { return xt::amax(xt::abs(a - b))(); }

/// Three Jacobians, of which each column is [rows].
struct Jacobians {
    Array forward, reverse, differences;

    explicit Jacobians(Index columns)
        : forward(xt::zeros<double>({4, static_cast<int>(columns)})), reverse(forward), differences(forward) {}

    Agreement agreement() const {
        double const largest = xt::amax(xt::abs(forward))();
        return {static_cast<Index>(forward.shape(0)), static_cast<Index>(forward.shape(1)), largest,
                apart(forward, reverse) / largest, apart(forward, differences) / largest};
    }
};

void put(Array& jacobian, std::size_t column, Array const& values) {
    for (std::size_t i = 0; i < values.size(); ++i) jacobian(i, column) = values.flat(i);
}

/// A direction of all parameters in which the k-th number changes.
ScanDirection direction_of(Params const& params, Index k) {
    ScanDirection out;
    for (Param const* p : params.all()) {
        out.params.push_back(xt::zeros<double>(std::vector<std::size_t>(p->shape().begin(), p->shape().end())));
        if (k >= 0 && k < p->count()) out.params.back().flat(static_cast<std::size_t>(k)) = 1;
        k -= p->count();
    }
    return out;
}

constexpr double difference = 1e-5;

}  // namespace

Agreement by_first_state(std::uint64_t seed) {
    Driven const driven(seed);
    Jacobians out(4);
    Tape tape(float64);
    Var const first = tape.input(driven.h0);
    out.reverse     = reshape(jacobian(driven.last(tape, first), first), {4, 4}).value<double>();
    for (std::size_t k = 0; k < 4; ++k) {
        Array e = xt::zeros<double>({1, 4});
        e(0, k) = 1;
        put(out.forward, k, driven.along({.state = {e}}));
        Array const up = driven.h0 + difference * e, down = driven.h0 - difference * e;
        put(out.differences, k, (driven.last(up) - driven.last(down)) / (2 * difference));
    }
    return out.agreement();
}

Agreement by_parameters(std::uint64_t seed) {
    Driven driven(seed);
    Index const n = driven.params.count();
    Jacobians out(n);
    Tape tape(float64);
    Var const last = driven.last(tape, tape.constant(driven.h0));
    std::vector<Var> blocks;
    for (Param const* p : driven.params.all())
        blocks.push_back(reshape(jacobian(last, tape.lift(*p)), {4, p->count()}));
    out.reverse                     = concat(blocks, 1).value<double>();
    std::vector<double> const theta = driven.params.flatten();
    for (Index k = 0; k < n; ++k) {
        auto const column = static_cast<std::size_t>(k);
        driven.params.assign_flat(theta);
        put(out.forward, column, driven.along(direction_of(driven.params, k)));
        auto const moved = [&](double by) {
            auto numbers = theta;
            numbers[column] += by;
            driven.params.assign_flat(numbers);
            return driven.last(driven.h0);
        };
        Array const up = moved(difference), down = moved(-difference);
        put(out.differences, column, (up - down) / (2 * difference));
    }
    return out.agreement();
}

namespace {

constexpr std::array<double, 4> true_rates{1.1, 0.4, 0.4, 0.1}, wrong_rates{0.9, 0.5, 0.3, 0.12};

/// Prey and predators at 20 times, from 10 and 5 on: [20,1,2].
Var course(Tape& tape, LotkaVolterra const& cell) {
    auto const begin = [&](double x) { return tape.constant(x * xt::ones<double>({1, 1})); };
    Var const dt     = tape.constant(0.5 * xt::ones<double>({20, 1, 1}));
    return stack(scan(cell, dt, LotkaVolterra::State{begin(10), begin(5)}).outputs);
}

Array seen() {
    Params params(1, float64);
    LotkaVolterra const cell(params, true_rates, 80);
    Tape tape(float64);
    Pause const pause(tape);
    return course(tape, cell).value<double>();
}

/// JᵀJ and Jᵀr of a sum of squares, a column a direction.
struct Normal {
    Array matrix, slope;

    Normal(Var loss, Var y, Params const& params) {
        Tape& tape = loss.tape();
        std::vector<Var> columns;
        for (std::size_t k = 0; k < 4; ++k) {
            std::vector<Var> along;
            for (std::size_t i = 0; i < 4; ++i) along.push_back(tape.constant(std::vector<double>{i == k ? 1.0 : 0.0}));
            columns.push_back(concat(gauss_newton(loss, y, params, along)));
        }
        matrix = stack(columns, 1).value<double>();
        slope  = concat(gradient(loss, params)).value<double>();
    }
    /// Marquardt (1963): (JᵀJ + λ diag JᵀJ) d = −Jᵀr.
    Array step(double damping) const {
        Tape tape(float64);
        Array damped = matrix;
        for (std::size_t k = 0; k < 4; ++k) damped(k, k) *= 1 + damping;
        return solve(tape.constant(damped), tape.constant(-slope)).value<double>();
    }
};

}  // namespace

Fit fit(Index steps) {
    Params params(1, float64);
    LotkaVolterra const cell(params, wrong_rates, 10);
    Array const wanted = seen();
    Fit out{{true_rates.begin(), true_rates.end()}, {}, {}};
    double damping = 0.1;
    Tape tape(float64);
    auto const loss_of = [&](Var y) -> Var { return sum(square(y - wanted)) / 2; };
    for (Index k = 0; k <= steps; ++k) {
        tape.rewind();
        Var const y = course(tape, cell), loss = loss_of(y);
        auto const rates = params.flatten();
        out.rates.push_back(rates), out.losses.push_back(loss.item());
        Normal const normal(loss, y, params);
        for (bool better = false; !better && damping < 1e6; damping *= better ? 0.1 : 10) {
            Array const d = normal.step(damping);
            auto there    = rates;
            for (std::size_t i = 0; i < 4; ++i) there[i] += d(i);
            params.assign_flat(there);
            tape.rewind();
            Pause const pause(tape);
            better = loss_of(course(tape, cell)).item() <= out.losses.back();
            if (!better) params.assign_flat(rates);
        }
    }
    return out;
}

double Fit::error() const {
    double squares = 0;  // of which one that is no number is seen
    for (std::size_t i = 0; i < truth.size(); ++i) squares += std::pow(rates.back()[i] / truth[i] - 1, 2);
    return std::sqrt(squares);
}

}  // namespace sensitivity
