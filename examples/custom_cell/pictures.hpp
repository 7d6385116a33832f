// Pictures of a cell: one step, and several in a language model, with the loss, also as a page to look around in.
#pragma once
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>

#include "folder.hpp"
#include "model.hpp"
#include "short_run.hpp"

namespace custom_cell {

inline void save(Graph const& graph, Folder const& folder, std::string const& name) {
    for (auto* extension : {".dot", ".svg"}) graph.write(folder / (name + extension));
}

template <class Cell> void draw_step(std::string const& name, Folder const& folder) {
    ShortRun<Cell> run(name);
    Tape tape;
    Scope const scope(tape, name);
    std::vector<Var> inputs;
    for (auto const& input : run.inputs({run.batch, run.in})) inputs.push_back(tape.input(input.value, input.name));
    auto const state = states::parts(run.cell()(inputs[0], run.first_state(inputs)));
    save(Graph(std::vector<Var>(state.begin(), state.end())), folder, "cell");
}

template <class Cell> void draw_unrolled(std::string const& name, Folder const& folder) {
    Params params(1);
    Model<Cell> const model(params, 5, 3, 4, name);
    Tape tape;
    xt::xtensor<Index, 2> const text{{0, 3}, {2, 1}, {4, 0}}, next{{2, 1}, {4, 0}, {1, 2}};
    auto const [logits, state] = model(tape, text, model.cell.zeros(tape, 2));
    Var const loss             = cross_entropy(logits, next);
    save(Graph(loss), folder, "unrolled");
    Graph(loss).write(folder / "net.html");
}

}  // namespace custom_cell
