// The same steps, engine by engine.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/nn/deploy/stream.hpp>
#include <unspool/nn/examination/agreement.hpp>
#include <unspool/nn/examination/c_run.hpp>
#include <unspool/nn/online/learner.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/derivatives/products.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

using Numbers = xt::xarray<double>;
using List    = std::vector<double>;

/// The greatest difference, of the greatest number.
double apart(List const& got, List const& expected) {
    if (got.size() != expected.size()) return HUGE_VAL;
    double most = 0, size = 1e-300;
    for (std::size_t k = 0; k < expected.size(); ++k) {
        if (!std::isfinite(got[k]) || !std::isfinite(expected[k])) return NAN;
        most = std::max(most, std::abs(got[k] - expected[k])), size = std::max(size, std::abs(expected[k]));
    }
    return most / size;
}

void append(List& to, Var const& x) {
    auto const all = x.value<double>();
    to.insert(to.end(), all.begin(), all.end());
}

Numbers step_of(Numbers const& xs, Index t) {
    std::vector<std::size_t> const shape(xs.shape().begin() + 1, xs.shape().end());
    auto out = Numbers::from_shape(shape);
    std::copy_n(xs.data() + static_cast<std::size_t>(t) * out.size(), out.size(), out.data());
    return out;
}

/// All steps on one tape, and what they lead to.
class SameSteps {
public:
    SameSteps(ExaminedCell const& cell, Params const& params, AgreementOptions const& o, Where where)
        : cell_(cell), params_(params), options_(o), where_(where), random_(o.seed) {
        options_.inputs = shapes_of_inputs(cell, o.inputs, where);
        for (Shape const& shape : options_.inputs) xs_.push_back(noise_behind({o.steps, 1}, shape, random_));
        std::vector<Var> state = cell.stepped.start(tape_, 1);
        wanted_                = noise_behind({o.steps}, cell.stepped.output(state).shape(), random_);
        losses_                = tape_.constant(0.0);
        for (Index t = 0; t < o.steps; ++t) {
            std::vector<Var> x;
            for (auto const& xs : xs_) x.push_back(tape_.constant(step_of(xs, t)));
            state   = cell.stepped.step(x, state, t);
            last_   = cell.stepped.output(state);
            losses_ = losses_ + cost(last_, t);
            append(outputs_, last_);
        }
        if (losses_.requires_grad()) expected_ = backward(losses_).flatten(params);
    }

    double of_rtrl() {
        Index const features = features_of(cell_);
        if (static_cast<double>(features) * static_cast<double>(params_.count()) > options_.most)
            throw ValueError(fmt::format("{} features of the state times {} parameters are more than {} numbers",
                                         features, params_.count(), options_.most));
        Rtrl learner(cell_.stepped, params_, {1, float64}, where_);
        List all(learnt().size());
        for (Index t = 0; t < options_.steps; ++t) {
            std::vector<Numbers> x;
            for (auto const& xs : xs_) x.push_back(step_of(xs, t));
            auto const [_, g] = learner.step(
                x, [&](Var y) { return cost(y, t); }, where_);
            List const each = g.flatten(params_);
            for (std::size_t k = 0; k < all.size(); ++k) all[k] += each[k];
        }
        return apart(all, expected_);
    }
    double of_recorded_gradient() {
        learnt();
        List got;
        auto const all = gradient(losses_, params_);
        auto g         = all.begin();
        for (Param const* p : params_.all())
            if (p->trained()) append(got, *g++);
            else got.resize(got.size() + static_cast<std::size_t>(p->count()));
        return apart(got, expected_);
    }
    /// wᵀ J v, forward and backward.
    double of_jvp() {
        learnt();
        Numbers const w = step_of(wanted_, options_.steps - 1);
        std::vector<Var> directions;
        List v;
        for (Param const* p : params_.all()) {
            Numbers const d = noise_behind({}, p->shape(), random_);
            if (p->trained()) directions.push_back(tape_.constant(d)), v.insert(v.end(), d.begin(), d.end());
            else v.resize(v.size() + d.size());
        }
        List const g    = backward(Var(sum(last_ * w))).flatten(params_);
        double products = 0, size = 1e-300;
        for (std::size_t k = 0; k < v.size(); ++k)
            products += g[k] * v[k], size = std::max(size, std::abs(g[k] * v[k]));
        return std::abs(Var(sum(jvp(last_, params_, directions) * w)).item() - products) / size;
    }
    double of_recomputed_scan() {
        Tape tape(float64);
        std::vector<Var> xs;
        for (auto const& each : xs_) xs.push_back(tape.constant(each));
        auto const all = cell_.erased(1).scan(xs, cell_.stepped.start(tape, 1), {.recompute_every = 2});
        Var losses     = tape.constant(0.0);
        List got;
        for (Index t = 0; t < options_.steps; ++t) {
            Var const y = all[static_cast<std::size_t>(t)];
            losses      = losses + cost(y, t), append(got, y);
        }
        double const of_outputs = apart(got, outputs_);
        return losses_.requires_grad() ? std::max(of_outputs, apart(backward(losses).flatten(params_), expected_))
                                       : of_outputs;
    }
    double of_stream() {
        nn::Stream<double> s(plan_of(cell_.plannable(1), {1, options_.inputs, float64}, where_), where_);
        List got;
        for (Index t = 0; t < options_.steps; ++t) {
            std::vector<std::span<double const>> x;
            for (auto const& xs : xs_) {
                auto const each = xs.size() / xs.shape()[0];
                x.emplace_back(xs.data() + static_cast<std::size_t>(t) * each, each);
            }
            auto const y = s.step(x);
            got.insert(got.end(), y.begin(), y.end());
        }
        return apart(got, outputs_);
    }
    double of_c() {
        CFileOptions const o{.inputs = options_.inputs, .dtype = float64, .test_steps = 1};
        return apart(run_in_c(cell_.plannable(1), o, xs_, options_.time_limit, where_), outputs_);
    }

private:
    Var cost(Var const& y, Index t) const { return sum(square(y - step_of(wanted_, t))); }
    List const& learnt() const {
        if (!losses_.requires_grad()) throw ValueError("there is nothing to learn");
        return expected_;
    }

    ExaminedCell const& cell_;
    Params const& params_;
    AgreementOptions options_;
    Where where_;
    Random random_;
    std::vector<Numbers> xs_;  // [T,1,…]
    Numbers wanted_;           // [T,…]
    Tape tape_{float64};
    Var losses_, last_;
    List outputs_, expected_;
};

struct Engine {
    char const* name;
    double (SameSteps::*error)();
};
constexpr Engine engines[] = {
    {"`Rtrl`", &SameSteps::of_rtrl},         {"`gradient`", &SameSteps::of_recorded_gradient},
    {"`jvp`", &SameSteps::of_jvp},           {"recomputed scan", &SameSteps::of_recomputed_scan},
    {"`nn::Stream`", &SameSteps::of_stream}, {"C file", &SameSteps::of_c}};

}  // namespace

std::vector<EngineError> agreement(ExaminedCell const& cell, Params const& params, AgreementOptions const& o,
                                   Where where) {
    if (o.steps < 1) throw ValueError(fmt::format("{}: agreement of {} steps", text(where), o.steps));
    SameSteps steps(cell, params, o, where);
    std::vector<EngineError> out;
    for (Engine const& e : engines) out.push_back({e.name, possible([&] { return (steps.*e.error)(); })});
    return out;
}

}  // namespace unspool::core
