// The pictures of docs/gallery.md, written to a folder: a line or two each.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <unspool.hpp>

#include "mgu.hpp"

using namespace unspool;
namespace fs = std::filesystem;

namespace {

xt::xarray<float> waves(std::vector<std::size_t> const& shape) {
    xt::xarray<float> out(shape);
    float v = 0.1f;
    for (float& x : out) x = std::sin(v += 0.7f);
    return out;
}

/// Tooltips tell numbers, which differ a little between processors; these pictures are kept in a repository.
void save(Graph graph, fs::path const& path) { graph.tooltips(false).write(path); }

// ---- one step of a cell ---------------------------------------------------------------------------------------------

void lstm(fs::path const& folder) {
    Tape tape;
    Params params(1);
    nn::LSTMCell const cell(params / "lstm", 3, 4);
    Var x = tape.input(waves({2, 3}), "x"), h0 = tape.input(waves({2, 4}), "h0"), c0 = tape.input(waves({2, 4}), "c0");
    Scope scope(tape, "lstm");
    auto const [h, c] = cell(x, {h0, c0});
    save(Graph(std::vector{h, c}), folder / "lstm.svg");
}

void gru(fs::path const& folder) {
    Tape tape;
    Params params(1);
    nn::GRUCell const cell(params / "gru", 3, 4);
    Var x = tape.input(waves({2, 3}), "x"), h0 = tape.input(waves({2, 4}), "h0");
    Scope scope(tape, "gru");
    save(Graph(cell(x, h0)), folder / "gru.svg");
}

void custom_cell(fs::path const& folder) {
    Tape tape;
    Params params(1);
    Mgu const cell(params / "mgu", 3, 4);
    Var x = tape.input(waves({2, 3}), "x"), h0 = tape.input(waves({2, 4}), "h0");
    Scope scope(tape, "mgu");
    save(Graph(cell(x, h0)), folder / "custom_cell.svg");
}

// ---- networks -------------------------------------------------------------------------------------------------------

void two_layers(fs::path const& folder) {
    Tape tape;
    Params params(1);
    nn::LSTM const net(params / "net", 3, 4, {.layers = 2});
    Var xs   = tape.input(waves({3, 2, 3}), "xs");
    Var loss = mean(square(net(xs).outputs));
    save(Graph(loss), folder / "two_layers.svg");
    save(Graph(loss).level(Graph::modules), folder / "two_layers_modules.svg");
}

void bidirectional(fs::path const& folder) {
    Tape tape;
    Params params(1);
    nn::GRU const net(params / "net", 3, 4, {.bidirectional = true});
    Var xs   = tape.input(waves({2, 2, 3}), "xs");
    Var loss = mean(square(net(xs).outputs));
    save(Graph(loss), folder / "bidirectional.svg");
    save(Graph(loss).level(Graph::modules), folder / "bidirectional_modules.svg");
}

Var attend(Tape& tape, nn::AdditiveAttention const& attention, Var s, nn::Memory const& memory) {
    Scope const scope(tape, "attention");
    Var context = attention(s, memory).context;
    return context;
}

/// A decoder that looks back at all that the encoder gave: Bahdanau, Cho and Bengio (2015).
Var translate(Tape& tape, Params params, std::size_t steps) {
    nn::GRUCell const encoder(params / "encoder", 3, 4), decoder(params / "decoder", 4, 4);
    nn::AdditiveAttention const attention(params / "attention", 4, 4, 4);
    Var xs                  = tape.input(waves({steps, 2, 3}), "xs");
    auto const [states, s0] = scan(encoder, xs, encoder.zeros(tape, 2), "encoder");
    Var outputs             = stack(states);
    nn::Memory const memory = attention.remember(outputs);
    auto const step         = [&](Var, Var s) {
        Var const context = attend(tape, attention, s, memory);
        return decoder(context, s);
    };
    auto const [ys, s] = scan(step, xs, s0, "decoder");
    Var loss           = mean(square(stack(ys)));
    return loss;
}

void attention(fs::path const& folder) {
    Tape tape;
    Params params(1);
    Var const loss = translate(tape, params, 2);
    save(Graph(loss).depth(1), folder / "attention.svg");
}

// ---- derivatives ----------------------------------------------------------------------------------------------------

void gradient_of_two_steps(fs::path const& folder) {
    Tape tape;
    Params params(1);
    Mgu const cell(params / "mgu", 3, 4);
    Var xs = tape.input(waves({2, 2, 3}), "xs"), h0 = tape.input(waves({2, 4}), "h0");
    Var loss = mean(square(scan(cell, xs, h0, "mgu").outputs.back()));
    Var dh0  = gradient(loss, h0);
    save(Graph(dh0), folder / "gradient.svg");
    save(Graph(dh0).level(Graph::modules), folder / "gradient_modules.svg");
}

// ---- long sequences, and gradients in them --------------------------------------------------------------------------

template <class Cell>
void long_sequence(std::string const& name, fs::path const& folder, typename Cell::Options const& options) {
    Tape tape;
    Params params(1);
    Cell const cell(params / name, 3, 8, options);
    Var xs                    = tape.input(waves({200, 2, 3}), "xs");
    auto const [hs, state]    = scan(cell, xs, cell.zeros(tape, 2), name);
    Var const loss            = mean(square(hs.back()));
    Gradients const gradients = backward(loss, Keep::all);
    save(Graph(loss), folder / (name + "_200_elided.svg"));
    save(Graph(loss).rolled(), folder / (name + "_200_rolled.svg"));
    save(Graph(loss).colour(gradients), folder / (name + "_200_gradients.svg"));
    save(Graph(loss).rolled().colour(gradients), folder / (name + "_200_rolled_gradients.svg"));
}

}  // namespace

int main(int argc, char** argv) try {
    fs::path const folder = argc > 1 ? argv[1] : "gallery";
    fs::create_directories(folder);
    lstm(folder), gru(folder), custom_cell(folder);
    two_layers(folder), bidirectional(folder), attention(folder);
    gradient_of_two_steps(folder);
    long_sequence<nn::LSTMCell>("lstm", folder, {.forget_bias = 4});  // remembers
    long_sequence<nn::RNNCell>("rnn", folder, {});                    // forgets
    std::cout << "The pictures are in " << folder.string() << "\n";
} catch (std::exception const& e) {
    std::cerr << "12_gallery: " << e.what() << "\n";
    return 2;
}
