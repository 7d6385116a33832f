// Draws noise, and measures along it.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/examination/dynamics.hpp>

namespace unspool::core {

namespace {

using Names = std::vector<std::string>;

/// What was recorded in every step and is, at its outermost, one of these operations.
Names made_by(Recorder const& recorder, Names const& operations) {
    Names out;
    for (std::string const& name : recorder.names()) {
        if (!recorder.in_every_step(name)) continue;
        Var const first    = recorder.steps(name)[0];
        NodeId const where = first.window().node;
        if (where == no_node) continue;
        Node const& n = first.tape()[where];
        if (n.rule && std::find(operations.begin(), operations.end(), head(n)) != operations.end()) out.push_back(name);
    }
    return out;
}

Saturation squashed_in(Recorder const& recorder, Where where) {
    Names const found = made_by(recorder, {"tanh", "hard_tanh", "softsign"});
    if (found.empty())
        throw NameError(text(where) + ": saturation: nothing that was recorded has a name and is a tanh");
    return saturation(recorder, found, {.low = -0.9, .high = 0.9}, where);
}

JacobianFlow jacobians_of(ErasedCell const& cell, xt::xarray<double> const& xs, DynamicsOptions const& o, Where where) {
    Index features = 0;
    for (std::size_t k = 0; k < cell.names.size(); ++k) features += count(cell.shape(k));
    if (features > o.most_features)
        throw ValueError(fmt::format("{}: Jacobians of {} features are left out, for there are more than {}",
                                     text(where), features, o.most_features));
    return jacobian_flow(cell, xs, {}, {}, where);
}

}  // namespace

Dynamics dynamics_of(ExaminedCell const& cell, DynamicsOptions const& o, Where where) {
    Random random(o.seed);
    std::vector<xt::xarray<double>> xs, twice;
    Dynamics out;
    auto const drawn = possible([&] {
        for (Shape const& shape : shapes_of_inputs(cell, o.inputs, where))
            xs.push_back(noise_behind({o.steps, 1}, shape, random)),
                twice.push_back(noise_behind({2 * o.steps, 1}, shape, random));
        return cell.erased(1);
    });
    Tape tape(float64);
    Recorder recorder;
    auto const recorded    = possible([&] {
        if (!drawn) throw ShapeError(drawn.why);
        std::vector<Var> inputs;
        for (auto const& each : xs) inputs.push_back(tape.constant(each));
        return drawn->scan(inputs, cell.stepped.start(tape, 1), {.record = &recorder});
    });
    auto const if_recorded = [&](auto f) {
        return possible([&] {
            if (!recorded) throw ShapeError(recorded.why);
            return f();
        });
    };
    out.jacobians = if_recorded([&] { return jacobians_of(*drawn, xs[0], o, where); });
    out.spectrum  = if_recorded([&] {
        Index const n = std::min(o.exponents, features_of(cell));
        return lyapunov(cell.stepped, twice, {.exponents = n, .warmup = o.steps}, where);
    });
    out.gates     = if_recorded([&] {
        return saturation(recorder, made_by(recorder, {"sigmoid", "hard_sigmoid"}), {}, where);
    });
    out.squashed  = if_recorded([&] { return squashed_in(recorder, where); });
    return out;
}

}  // namespace unspool::core
