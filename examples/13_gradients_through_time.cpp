// The classical questions: why plain recurrent networks forget, or blow up, and what became of it with gates, orthogonal and identity
// matrices, rectifiers, and clipping.  docs/gradients_through_time.md tells the story.  An argument is the folder for pictures.
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <limits>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;

namespace {

constexpr Index steps = 60, batch = 16, hidden = 32;

xt::xarray<double> noise(Index t, Index features, std::uint64_t seed) {
    xt::xarray<double> out = xt::zeros<double>({t, batch, features});
    Random random(seed);
    for (double& x : out) x = random.normal();
    return out;
}

// ---- the cells ------------------------------------------------------------------------------------------------------

nn::RNNCell plain(Params p) { return nn::RNNCell(p, 1, hidden); }

/// A recurrent matrix of independent numbers, whose eigenvalues fill a disc of this radius.
nn::RNNCell wild(Params p, double radius) {
    nn::RNNCell rnn = plain(p);
    nn::init::normal(p["weight_hh_l0"], p.random(), 0, radius / std::sqrt(hidden));
    return rnn;
}

/// A rotation, which neither stretches nor shrinks.
nn::RNNCell orthogonal(Params p) {
    nn::RNNCell rnn = plain(p);
    nn::init::orthogonal(p["weight_hh_l0"], p.random());
    return rnn;
}

/// A multiple of the identity, and no bound above.
nn::IRNNCell rectified(Params p, double scale) {
    nn::IRNNCell rnn(p, 1, hidden, scale);
    nn::init::normal(p["W.weight"], p.random(), 0, 0.3);
    return rnn;
}

/// Gates that begin open, so that what is in c stays there.
nn::LSTMCell remembering(Params p) { return nn::LSTMCell(p, 1, hidden, {.forget_bias = 3}); }

nn::GRUCell slow(Params p) {
    nn::GRUCell gru(p, 1, hidden);
    nn::init::constant_block(p["bias_ih_l0"], 1, 3, 3);  // z
    return gru;
}

// ---- gradients through time -----------------------------------------------------------------------------------------

/// How far back the last output can be traced: gradients of a loss that looks at nothing else.
template <class Cell> GradientFlow::Layer flow(std::string name, Cell const& cell, std::string_view state = "h") {
    Tape tape;
    Recorder recorder;
    Var xs              = tape.constant(noise(steps, 1, 1));
    auto const [hs, s]  = scan(cell, xs, cell.zeros(tape, batch), {.record = &recorder});
    Var loss            = mean(square(hs.back() - 1));
    auto flow           = gradient_flow(loss, recorder, state);
    flow.layers[0].name = std::move(name);
    return flow.layers[0];
}

GradientFlow all_flows() {
    Params p(1);
    GradientFlow out;
    out.layers.push_back(flow("tanh", plain(p / "tanh")));
    out.layers.push_back(flow("tanh, radius 3", wild(p / "wild", 3)));
    out.layers.push_back(flow("tanh, orthogonal", orthogonal(p / "orthogonal")));
    out.layers.push_back(flow("relu, identity", rectified(p / "irnn", 1)));
    out.layers.push_back(flow("GRU, z open", slow(p / "gru")));
    out.layers.push_back(flow("LSTM, f open: h", remembering(p / "lstm"), "h"));
    out.layers.push_back(flow("LSTM, f open: c", remembering(p / "again"), "c"));
    return out;
}

// ---- the matrices behind it -----------------------------------------------------------------------------------------

void jacobians() {
    Params p(1);
    auto const xs                = noise(steps, 1, 1);
    xt::xarray<double> const one = xt::view(xs, xt::all(), xt::range(0, 1));  // of one sequence
    std::cout << "tanh\n" << jacobian_flow(plain(p / "tanh"), one);
    std::cout << "tanh, radius 3\n" << jacobian_flow(wild(p / "wild", 3), one);
    std::cout << "tanh, orthogonal\n" << jacobian_flow(orthogonal(p / "orthogonal"), one);
    std::cout << "LSTM, f open\n" << jacobian_flow(remembering(p / "lstm"), one);
}

// ---- what it means for learning -------------------------------------------------------------------------------------

struct Learned {
    double loss = 0, largest_norm = 0;
};

/// Inputs that begin with 1 or -1, and go on with noise.
xt::xarray<double> task(Index update) {
    xt::xarray<double> xs = 0.1 * noise(steps, 1, 100 + static_cast<std::uint64_t>(update));
    for (Index b = 0; b < batch; ++b) xs(0, b, 0) = xs(0, b, 0) > 0 ? 1 : -1;
    return xs;
}

/// Remember the first number, through the noise: the loss of a network that cannot is 1.
template <class Cell> Learned remember(Cell const& cell, nn::Linear const& out, Optimiser& optimiser, double max_norm) {
    Tape tape;
    Learned learned;
    for (Index update = 0; update < 400; ++update) {
        tape.rewind();
        auto const xs        = task(update);
        auto const [hs, s]   = scan(cell, tape.constant(xs), cell.zeros(tape, batch));
        Var loss             = mean(square(out(hs.back()) - xt::view(xs, 0)));
        Gradients g          = backward(loss);
        learned.largest_norm = std::max(learned.largest_norm, clip_grad_norm(g, max_norm));
        optimiser.step(g);
        if (update >= 380) learned.loss += loss.item() / 20;
    }
    return learned;
}

void print(char const* name, Learned const& l) {
    std::cout << fmt::format("{:<17} loss {:.2g}, largest gradient norm {:.2g}\n", name, l.loss, l.largest_norm);
}

template <class Make> void learn_by_adam(char const* name, Make make, double rate = 3e-3) {
    Params p(1);
    auto const cell = make(p / "cell");
    nn::Linear const out(p / "out", hidden, 1);
    Adam adam(p, {.rate = rate});
    print(name, remember(cell, out, adam, 1));
}

template <class Make> void learn_by_sgd(char const* name, Make make, double max_norm, double rate = 3e-3) {
    Params p(1);
    auto const cell = make(p / "cell");
    nn::Linear const out(p / "out", hidden, 1);
    Sgd sgd(p, {.rate = rate, .momentum = 0.9});
    print(name, remember(cell, out, sgd, max_norm));
}

// ---- exponents ------------------------------------------------------------------------------------------------------

template <class Cell> void print_spectrum(char const* name, Cell const& cell) {
    xt::xarray<double> const all = noise(1000, 1, 2), one = xt::view(all, xt::all(), xt::range(0, 1));
    std::cout << name << "\n" << lyapunov(cell, one, {.exponents = 8, .warmup = 200});
}

void exponents() {
    Params p(1);
    print_spectrum("tanh", plain(p / "tanh"));
    print_spectrum("tanh, radius 3", wild(p / "wild", 3));
    print_spectrum("tanh, orthogonal", orthogonal(p / "orthogonal"));
    print_spectrum("LSTM, f open", remembering(p / "lstm"));
}

struct Task {
    xt::xarray<double> xs;
    Index size() const { return batch; }
};

/// The rotation learns to remember, and its exponents are asked for before, and after every 20 updates.
std::vector<LyapunovSpectrum> exponents_while_learning() {
    Params p(1);
    nn::RNNCell const cell = orthogonal(p / "cell");
    nn::Linear const out(p / "out", hidden, 1);
    Sgd sgd(p, {.rate = 3e-3, .momentum = 0.9});
    auto const loss = [&](Tape& tape, Task const& t, Mode) -> Var {
        auto const [hs, s] = scan(cell, tape.constant(t.xs), cell.zeros(tape, batch));
        return mean(square(out(hs.back()) - xt::view(t.xs, 0)));
    };
    std::vector<Task> tasks;
    for (Index update = 0; update < 20; ++update) tasks.push_back({task(update)});
    xt::xarray<double> const probe = xt::view(task(500), xt::all(), xt::range(0, 1));
    std::vector<LyapunovSpectrum> spectra{lyapunov(cell, probe, {.exponents = 4})};
    auto const ask = [&](TrainingProgress&) { spectra.push_back(lyapunov(cell, probe, {.exponents = 4})); };
    fit(p, sgd, tasks, loss, {.epochs = 20, .clip_norm = 1, .quiet = true, .on_epoch = ask});
    return spectra;
}

// ---- when it goes wrong ---------------------------------------------------------------------------------------------

void the_first_bad_value() {
    Params p(1);
    nn::RNNCell const rnn = plain(p);
    Tape tape;
    xt::xarray<double> xs = noise(steps, 1, 1);
    xs(7, 3, 0)           = std::nan("");
    Var loss              = mean(square(scan(rnn, tape.constant(xs, "xs"), rnn.zeros(tape, batch), "rnn").state));
    std::cout << "\nThe loss is " << (std::isnan(loss.item()) ? "NaN" : "a number") << ".\n"
              << *first_bad_value(tape) << "\n";

    Tape strict;
    strict.check_values(1e6);
    try {
        strict.constant(xs, "xs");
    } catch (ValueError const& e) { std::cout << "Refused: " << e.what() << "\n"; }
}

// ---- pages ----------------------------------------------------------------------------------------------------------

void film_of_a_training(std::filesystem::path const& path) {
    Params p(1);
    nn::RNNCell const rnn(p / "rnn", 1, 8);
    Adam adam(p, {.rate = 1e-2});
    Film film({.every = 20, .title = "A network learns to say one half"});
    Tape tape;
    auto const xs = noise(6, 1, 1);
    for (Index update = 0; update <= 200; ++update) {
        tape.rewind();
        Var loss    = mean(square(scan(rnn, tape.constant(xs, "xs"), rnn.zeros(tape, batch), "rnn").state - 0.5));
        Gradients g = backward(loss, film.wants(update) ? Keep::all : Keep::leaves);
        if (film.wants(update)) film.frame(loss, g, fmt::format("update {}, loss {:.2g}", update, loss.item()));
        adam.step(g);
    }
    film.save(path);
}

void draw(GradientFlow const& flows, std::filesystem::path const& folder) {
    Params p(1);
    plot(flows, folder / "gradient_flow.svg", {.title = "Gradients of the last loss, by time step"});
    plot(flows, folder / "gradient_heat.svg", {.kind = FlowPlotOptions::heat_map, .title = "The same, as a heat map"});
    film_of_a_training(folder / "training.html");
    datasheet(remembering(p), folder / "lstm.html");
}

}  // namespace

int main(int n, char** arguments) try {
    std::filesystem::path const folder = n > 1 ? arguments[1] : "gradients_through_time";
    constexpr double free              = std::numeric_limits<double>::infinity();

    std::filesystem::create_directories(folder);
    GradientFlow const flows = all_flows();
    std::cout << flows << "\n";
    jacobians();

    auto const relu = [](Params p) { return rectified(p, 1); };
    std::cout << "\nBy gradient descent, clipped to a norm of 1:\n";
    learn_by_sgd("tanh", plain, 1);
    learn_by_sgd("tanh, orthogonal", orthogonal, 1);
    learn_by_sgd("relu, identity", relu, 1);
    learn_by_sgd("GRU, z open", slow, 1);
    learn_by_sgd("LSTM, f open", remembering, 1);

    std::cout << "\nNot clipped:\n";
    learn_by_sgd("tanh, orthogonal", orthogonal, free);
    learn_by_sgd("relu, identity", relu, free);
    learn_by_sgd("LSTM, f open", remembering, free);

    std::cout << "\nBy Adam:\n";
    learn_by_adam("tanh", plain);
    learn_by_adam("GRU, z open", slow);
    learn_by_adam("LSTM, f open", remembering);

    std::cout << "\n";
    exponents();
    plot(exponents_while_learning(), folder / "lyapunov.svg",
         {.title = "Four exponents of a network that learns to remember", .across = "20 updates"});

    the_first_bad_value();
    draw(flows, folder);
    std::cout << "\nThe pictures and pages are in " << folder.string() << "\n";
} catch (std::exception const& e) {
    std::cerr << "13_gradients_through_time: " << e.what() << "\n";
    return 2;
}
