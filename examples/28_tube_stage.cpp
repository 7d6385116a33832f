// A guitar amplifier's tube stage, which clips softly and remembers how hard it was driven, learnt by a recurrent cell from a signal that
// went through it, and written as C: what is heard is the work of a file of C that knows no Unspool.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unspool.hpp>

using namespace unspool;

namespace {

constexpr Index steps = 96, batch = 24, hidden = 8;

/// What goes in: two tones and some noise, louder and softer.  And what the tube makes of it: its grid draws a current where the signal
/// is above 0, which charges a capacitor, and so moves the point about which the signal is clipped.
struct Signal {
    xt::xarray<float> in = xt::zeros<float>({steps, batch, Index{1}}), out = in;

    explicit Signal(Random& random) {
        for (Index b = 0; b < batch; ++b) {
            double const loud = random.uniform(0.2, 2), low = random.uniform(0.02, 0.2), high = random.uniform(0.2, 1);
            double charge = 0;
            for (Index t = 0; t < steps; ++t) {
                auto const time = static_cast<double>(t);
                double const x  = loud * (std::sin(low * time) + 0.5 * std::sin(high * time)) + 0.02 * random.normal();
                charge += 0.05 * (std::max(x, 0.) - charge);
                in(t, b, 0)  = static_cast<float>(x);
                out(t, b, 0) = static_cast<float>(std::tanh(1.5 * (x - charge) - 0.3));
            }
        }
    }
};

/// The same tube in C, a tone through both, and what they differ by: the energy of the error, relative to that of the signal.
constexpr char const* listening = R"(#include "tube.h"
#include <math.h>
#include <stdio.h>

int main(void) {
    tube_state s;
    double charge = 0, error = 0, energy = 0;
    tube_reset(&s);
    for (int t = 0; t < 4000; ++t) {
        const double x = 1.2 * sin(0.05 * t) * (1 + sin(0.002 * t)), sound = (charge += 0.05 * (fmax(x, 0) - charge), tanh(1.5 * (x - charge) - 0.3));
        const float in = (float)x;
        float out;
        tube_step(&s, &in, &out);
        error += (out - sound) * (out - sound), energy += sound * sound;
    }
    printf("the C file's error is %.2f %% of the signal's energy\n", 100 * error / energy);
    return error <= BAR * energy ? 0 : 1;
}
)";

}  // namespace

int main(int argc, char** argv) try {
    std::string folder = ".";
    int updates        = 400;
    double bar         = 0.01;
    CLI::App app("Learns a tube stage and writes it as C.");
    app.add_option("--folder", folder, "for the files in C (default: this one)");
    app.add_option("--updates", updates, "of the weights (default: 400)");
    app.add_option("--at-most", bar,
                   "the error, of the signal's energy, with which the program ends well (default: 0.01)");
    CLI11_PARSE(app, argc, argv);

    Params params(1);
    nn::GRUCell const cell(params / "gru", 1, hidden);
    nn::Linear const out(params / "out", hidden, 1);
    Adam adam(params, {.rate = 0.01});
    Random random(2);
    Tape tape;
    for (int k = 1; k <= updates; ++k) {
        tape.rewind();
        Signal const signal(random);
        auto const hs  = scan(cell, tape.constant(signal.in), cell.zeros(tape, batch)).outputs;
        Var const loss = mse(out(stack(hs)), tape.constant(signal.out));
        adam.step(backward(loss));
        if (k % 100 == 0) fmt::print("after {} updates the loss is {:.5f}\n", k, loss.item());
    }

    namespace fs = std::filesystem;
    fs::create_directories(folder);
    write_c((fs::path(folder) / "tube.c").string(), cell, {.head = [&](Var h) -> Var { return out(h); }});
    std::ofstream(fs::path(folder) / "play.c") << listening;
    std::string const build =
        fmt::format("cd '{}' && cc -std=c99 -O2 -DBAR={} tube.c play.c -lm -o tube && ./tube", folder, bar);
    fmt::print("{}\n", build);
    std::fflush(stdout);
    return std::system(build.c_str()) == 0 ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "28_tube_stage: {}\n", e.what());
    return 2;
}
