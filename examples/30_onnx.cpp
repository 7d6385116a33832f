// A cell that ONNX does not know, written as an ONNX file, read again, and trained on from there.
#include "mgu.hpp"
#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

using namespace unspool;

namespace {

constexpr Index steps = 30, batch = 16, hidden = 12;

/// Waves, each with a pace and a start of its own: what comes in, and the same a step later.
struct Waves {
    xt::xarray<float> in = xt::zeros<float>({steps, batch, Index{1}}), next = in;

    explicit Waves(Random& random) {
        for (Index b = 0; b < batch; ++b) {
            double const pace = random.uniform(0.1, 0.6), start = random.uniform(0, 6);
            for (Index t = 0; t < steps; ++t) {
                in(t, b, 0)   = static_cast<float>(std::sin(start + pace * static_cast<double>(t)));
                next(t, b, 0) = static_cast<float>(std::sin(start + pace * static_cast<double>(t + 1)));
            }
        }
    }
};

/// The mean squared error of what a model forecasts, after so many updates of its parameters.
template <class Model> double trained(Params const& params, int updates, Model const& model) {
    Adam adam(params, {.rate = 0.01});
    Random random(2);
    double error = 0;
    for (int k = 0; k < updates; ++k) {
        Tape tape;
        Waves const waves(random);
        Var loss = mean(square(model(tape.input(waves.in)) - waves.next));
        error    = loss.item();
        adam.step(backward(loss));
    }
    return error;
}

}  // namespace

int main(int argc, char** argv) try {
    std::string folder = ".";
    int updates        = 200;
    CLI::App app("A cell as an ONNX file, and back");
    app.add_option("--folder", folder, "where forecaster.onnx goes")->check(CLI::ExistingDirectory);
    app.add_option("--updates", updates, "of the parameters, before it is written, and after it was read")
        ->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);

    Params const params(1);
    Mgu const cell(params / "mgu", 1, hidden);
    nn::Linear const out(params / "out", hidden, 1);
    auto const forecast = [&](Var x) -> Var { return out(stack(scan(cell, x, cell.zeros(x.tape(), batch)).outputs)); };
    double const before = trained(params, updates, forecast);

    std::string const file = (std::filesystem::path(folder) / "forecaster.onnx").string();
    write_onnx(file, cell, {.head = [&](Var ys) -> Var { return out(ys); }});

    auto const model = nn::read_onnx(file);
    Tape tape;
    Random random(3);
    Var const x         = tape.input(Waves(random).in);
    double const differ = mean(abs(model(x) - forecast(x))).item();
    double const after  = trained(model.params(), updates, model);

    fmt::print("error {:.5f} when it was written, {:.5f} after it was read and trained on; they differed by {:.1e}\n",
               before, after, differ);
    return differ < 1e-6 && after < before ? 0 : 1;
} catch (Error const& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 2;
}
