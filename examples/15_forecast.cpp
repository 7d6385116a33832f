// What comes next in a series?  An LSTM reads windows of it: the first program of many who learn Keras.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "forecast/series.hpp"

using namespace forecast;

namespace {

struct Options {
    std::string file, column = "-1", plot = "15_forecast.svg", tensorboard;
    std::vector<double> missing;
    std::uint64_t seed = 1;
    Index length = 12, epochs = 100;
    double rate = 1e-3, at_most = 0;
    bool values = false, verbose = false;
};

/// In the units of the series.
struct Errors {
    double forecast, naive, seasonal;
};

double root_mean_square(Series const& x, Series const& truth) { return std::sqrt(xt::mean(xt::square(x - truth))()); }

void draw(Series const& truth, Series const& forecast, std::string const& file) {
    History lines;
    for (std::size_t t = 0; t < truth.shape(0); ++t) lines.add({{"truth", truth(t, 0)}, {"forecast", forecast(t, 0)}});
    plot(lines, file, {.columns = {"truth", "forecast"}, .title = "one step ahead", .across = "step"});
    fmt::print("{} shows the forecast\n", file);
}

Errors learn(Series const& all, Options const& o) {
    auto const n = static_cast<Index>(all.shape(0)), split = n * 2 / 3;
    Changes const changes(all);
    Series const read = o.values ? all : changes.of(all);
    Standardiser const scale(steps_of(read, 1, split));
    auto const seen   = forecasts(scale.apply(steps_of(read, 1, split)), {.length = o.length});
    auto const unseen = forecasts(scale.apply(steps_of(read, split - o.length, n)), {.length = o.length});

    Params params(o.seed);
    nn::Sequential const model(params, nn::Input{1}, keras::LSTM(50), keras::Dense(1));
    Adam adam(params, {.rate = o.rate});
    auto const loss = [&](Tape& tape, auto const& batch, Mode) { return mse(model(tape, batch), batch.targets); };
    SequenceBatches batches(seen, {.size = 32, .seed = o.seed});
    fit(params, adam, batches, loss, {.epochs = o.epochs, .tensorboard = o.tensorboard, .quiet = !o.verbose});

    auto const predicted = predict(params, unseen, {}, [&](Tape& tape, auto const& b) { return model(tape, b); });
    Series const truth = steps_of(all, split, n), before = steps_of(all, split - 1, n - 1);
    Series const forecast = o.values ? scale.undo(predicted) : changes.undo(before, scale.undo(predicted));
    if (!o.plot.empty()) draw(truth, forecast, o.plot);
    fmt::print("{}", text(summary(model, {.steps = o.length})));
    return {root_mean_square(forecast, truth), root_mean_square(before, truth),
            root_mean_square(steps_of(all, split - 12, n - 12), truth)};
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.file, "a CSV file (default: passengers that the program makes up)")->type_name("FILE");
    app.add_option("--column", o.column, "its name, or its number from 1 (default: the last)");
    app.add_option("--missing", o.missing, "numbers that stand for none: -99.99");
    app.add_option("--length", o.length, "steps that are read before the next is told (default: 12)")
        ->check(CLI::PositiveNumber);
    app.add_option("--epochs", o.epochs, "default: 100")->check(CLI::PositiveNumber);
    app.add_option("--rate", o.rate, "of Adam (default: 0.001)");
    app.add_option("--seed", o.seed, "of the weights, and of what is made up (default: 1)");
    app.add_option("--plot", o.plot, "a picture of forecast and truth (default: 15_forecast.svg; \"\": none)");
    app.add_option("--tensorboard", o.tensorboard, "a folder for event files of the training (default: none)");
    app.add_option("--at-most", o.at_most, "exit with 1 unless the error is at most such a part of the naive one");
    app.add_flag("--values", o.values, "learn the values themselves, not how they change from step to step");
    app.add_flag("--verbose", o.verbose, "print every epoch");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("An LSTM forecasts a series, one step ahead.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    auto const [source, values] =
        o.file.empty() ? made_up_passengers(o.seed) : read_series(o.file, o.column, o.missing);
    fmt::print("{}: {} steps, of which the last third is forecast\n", source, values.shape(0));
    auto const [forecast, naive, seasonal] = learn(values, o);
    fmt::print("root mean square error: {:.2f}; of the step before as a forecast, {:.2f}; of the one 12 steps before, "
               "{:.2f}\n",
               forecast, naive, seasonal);
    return o.at_most == 0 || forecast <= o.at_most * naive ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "15_forecast: {}\n", e.what());
    return 2;
}
