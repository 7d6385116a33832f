// Gradient checks that pass and that fail, and diagnostics.
#include "scenarios.hpp"

using namespace unspool;
using namespace unspool::core;

namespace {

xt::xarray<double> noise(std::vector<std::size_t> const& shape) {
    Random random(1);
    xt::xarray<double> out = xt::zeros<double>(shape);
    for (double& x : out) x = random.uniform(-1, 1);
    return out;
}

struct OfACell : ::Program {
    Params params{1};
    nn::MGUCell cell{params, 2, 2};
    std::string out;
    void run() override { out = text(gradcheck(cell, {.batch = 1, .steps = 2})); }
    std::string result() override { return out; }
};

/// A gradient that is wrong, a kink, and a function that has no gradient there.
struct OfWrongOnes : ::Program {
    Params params{1};
    nn::Linear out_{params / "out", 3, 1};
    std::string out;
    void run() override {
        auto const wrong = [](Tape&, std::span<Var const> x) -> Var { return x[0] * x[0].detach() + exp(x[0]); };
        auto const kinks = [](Tape&, std::span<Var const> x) -> Var { return relu(x[0]) + abs(x[0]); };
        auto const holes = [](Tape&, std::span<Var const> x) -> Var { return log(x[0]); };
        out = text(gradcheck(wrong, {{"x", noise({2})}})) + text(gradcheck(kinks, {{"x", xt::xarray<double>{0, 1}}})) +
              text(gradcheck(holes, {{"x", xt::xarray<double>{0, -1}}}));
        Tape tape;
        out += text(gradcheck(params,
                              [&](Tape& t) -> Var {
                                  return mean(tanh(out_(t.constant(noise({2, 3})))));
                              },
                              {.directions = 2}));
    }
    std::string result() override { return out; }
};

struct Diagnostics : ::Program {
    Params params{1};
    nn::LSTM lstm{params / "lstm", 2, 3, {.layers = 2}};
    nn::LSTMCell cell{params / "cell", 2, 3};
    std::string out;
    void run() override {
        Tape tape;
        Recorder recorder;
        auto const ran  = lstm(tape.input(noise({5, 1, 2}), "xs"), {.record = &recorder});
        Var const loss  = mean(square(ran.outputs[4]));
        auto const flow = gradient_flow(loss, recorder);
        out = text(flow) + flow.csv() + text(saturation(recorder)) + text(jacobian_flow(cell, noise({5, 1, 2})));
        [[maybe_unused]] Var const bad = log(-1 * square(loss));
        if (auto const found = first_bad_value(tape)) out += text(*found);
    }
    std::string result() override { return out; }
};

struct Sheet : ::Program {
    Params params{1};
    nn::LSTMCell cell{params / "cell", 2, 3};
    std::string out;
    void run() override {
        Datasheet const sheet = datasheet(cell, {.title = "LSTM"});
        out                   = sheet.dot + sheet.latex();
    }
    std::string result() override { return out; }
};

}  // namespace

std::vector<Scenario> scenarios_of_checks() {
    return {scenario<OfACell>("gradcheck"), scenario<OfWrongOnes>("gradcheck that fails"),
            scenario<Diagnostics>("diagnostics"), scenario<Sheet>("data sheet")};
}
