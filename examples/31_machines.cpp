// Training on as many processes as a launcher starts, on one machine or many: mpirun -n 4 31_machines.  An LSTM learns to repeat
// what it saw some steps ago.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <unspool.hpp>
#include <unspool/mpi/ranks.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;

namespace {

struct Options {
    Index updates = 100, batch = 64, steps = 20, in = 8, hidden = 64, delay = 3, parts = 8, threads = 1;
    std::string checkpoint;
};

struct Repeater {
    nn::LSTMCell lstm;
    nn::Linear out;

    Repeater(Params p, Index in, Index hidden) : lstm(p / "lstm", in, hidden), out(p / "out", hidden, in) {}

    /// xs: [T,B,in], and the mean of the squared error of the outputs from step `delay` on.
    Var loss(Tape& tape, xt::xarray<float> const& xs, Index delay) const {
        auto const r     = scan(lstm, tape.constant(xs), lstm.zeros(tape, static_cast<Index>(xs.shape(1))));
        Var const y      = out(stack(r.outputs));
        Index const last = static_cast<Index>(xs.shape(0));
        return mean(square(slice(y, 0, delay, last) - tape.constant(xt::view(xs, xt::range(0, last - delay)))));
    }
};

/// What the batch of an update has in a shard: the same on whatever machine it is drawn.
xt::xarray<float> sequences(Options const& o, Index update, Shard s) {
    Random random(static_cast<std::uint64_t>(update * 1000 + s.number));
    xt::xarray<float> xs = xt::zeros<float>({o.steps, s.size(), o.in});
    for (float& x : xs) x = static_cast<float>(random.uniform(-1, 1));
    return xs;
}

double train(Options const& o, Ranks& ranks, Params const& params, Repeater const& model) {
    Adam adam(params, {.rate = 3e-3});
    Index update = 0;

    Checkpoint run;
    run.add("params", params), run.add("adam", adam), run.add("update", update);
    if (ranks.rank() == 0 && std::filesystem::exists(o.checkpoint)) run.load(o.checkpoint);
    broadcast(ranks, run);

    Shards shards(ranks, params, o.parts, o.threads);
    double last = 0;
    for (; update < o.updates; ++update) {
        auto [loss, gradients] = shards.run(
            o.batch, [&](Tape& tape, Shard s) { return model.loss(tape, sequences(o, update, s), o.delay); });
        adam.step(gradients);
        last = loss;
    }
    if (ranks.rank() == 0 && !o.checkpoint.empty()) run.save(o.checkpoint);
    return last;
}

void run(Options const& o) {
    mpi::Ranks ranks;
    Params params(1);
    Repeater const model(params, o.in, o.hidden);
    auto const begin  = std::chrono::steady_clock::now();
    double const loss = train(o, ranks, params, model);
    double const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (ranks.rank() == 0)
        fmt::print("{} ranks of {} threads: {:.2f} ms an update, of {} parameters; loss {:.9f}\n", ranks.count(),
                   o.threads, 1e3 * took / static_cast<double>(o.updates), params.count(), loss);
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("Trains on as many processes as mpirun starts.");
    app.add_option("--updates", o.updates, "default: 100")->check(CLI::PositiveNumber);
    app.add_option("--batch", o.batch, "sequences in a batch (default: 64)")->check(CLI::PositiveNumber);
    app.add_option("--steps", o.steps, "default: 20")->check(CLI::Range(4, 10000));
    app.add_option("--in", o.in, "default: 8")->check(CLI::PositiveNumber);
    app.add_option("--hidden", o.hidden, "default: 64")->check(CLI::PositiveNumber);
    app.add_option("--parts", o.parts, "of a batch (default: 8)")->check(CLI::PositiveNumber);
    app.add_option("--threads", o.threads, "of each process (default: 1)")->check(CLI::PositiveNumber);
    app.add_option("--checkpoint", o.checkpoint, "a file to save the run in, and to continue it from");
    CLI11_PARSE(app, argc, argv);
    run(o);
} catch (std::exception const& e) {
    fmt::print(stderr, "31_machines: {}\n", e.what());
    return 2;
}
