// Pictures and films.
#include "scenarios.hpp"
#include <fstream>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

/// A small network on a tape, with the gradients of everything.
struct Drawn {
    Params params{1};
    nn::MGUCell cell{params / "cell", 2, 3};
    nn::Linear out{params / "out", 3, 1};
    Tape tape;
    Var loss    = recorded();
    Gradients g = backward(loss, Keep::all);

    Var recorded() {
        Var const xs   = tape.input(xt::ones<float>({5, 1, 2}), "xs");
        auto const run = scan(cell, xs, cell.zeros(tape, 1), "cell");
        Var y          = out(run.state);
        return mean(square(y - 1));
    }
};

struct Dots : ::Program {
    Drawn drawn;
    std::string out;
    void run() override {
        out = Graph(drawn.loss).dot() + Graph(drawn.loss).level(Graph::modules).dot() +
              Graph(drawn.loss).rolled().colour(drawn.g).dot() +
              Graph(drawn.loss).level(Graph::operations).steps(1).legend(true).dot() +
              Graph(drawn.loss).every_parameter_reached(drawn.params).why;
        for (Index n : Graph(drawn.loss).nodes_per_step()) out += std::to_string(n);
    }
    std::string result() override { return out; }
};

template <bool layout> struct Pictures : ::Program {
    fs::path folder;
    Drawn drawn;
    explicit Pictures(fs::path const& f) : folder(f) {}
    fs::path file() const { return folder / (layout ? "loss.svg" : "loss.dot"); }
    void run() override { Graph(drawn.loss).rolled().write(file()); }
    std::string result() override {
        std::ifstream in(file());
        std::string out{std::istreambuf_iterator<char>(in), {}};
        for (auto const& e : fs::directory_iterator(folder))
            if (e.path() != file() && e.path().extension() != ".dot") out += " left: " + e.path().string();
        return out;
    }
};

struct Films : ::Program {
    Drawn drawn;
    Film film;
    std::string out;
    void run() override {
        while (film.frames() < 2) film.frame(drawn.loss, drawn.g, "frame " + std::to_string(film.frames()));
        out = film.html();
    }
    std::string result() override { return out; }
};

}  // namespace

std::vector<Scenario> scenarios_of_pictures() {
    return {scenario<Dots>("dot"), scenario<Pictures<false>>("dot file"), scenario<Pictures<true>>("svg file"),
            scenario<Films>("film")};
}
