// Layers over sequences of unequal length, of shipped cells and of one's own; what they keep inside; and their files.
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iostream>
#include <unspool.hpp>

using namespace unspool;

namespace {

/// The strongly-typed cell of Balduzzi and Ghifary, "Strongly-typed recurrent neural networks" (2016), T-RNN:
///     z = W x      f = σ(V x + b)      h' = f ⊙ h + (1 − f) ⊙ z
struct TypedRnn {
    nn::Linear W, V;

    TypedRnn(Params p, Index in, Index hidden) : W(p / "W", in, hidden, nn::no_bias), V(p / "V", in, hidden) {}

    Var operator()(Var x, Var h0) const {
        Var f = sigmoid(V(x));
        Var h = f * h0 + (1 - f) * W(x);
        return h;
    }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, out()}); }
    Index out() const { return W.out(); }
};

/// A padded batch of three sequences, of 5, 3 and 2 steps.
struct ThreeSequences {
    xt::xarray<float> xs       = xt::ones<float>({5, 3, 4});
    std::vector<Index> lengths = {5, 3, 2};

    ThreeSequences() {
        Random random(1);
        for (float& x : xs) x = static_cast<float>(random.normal());
    }
};

std::string numbers(Var x) { return fmt::format("{:.3f}", fmt::join(x.value<float>(), " ")); }

void run_a_shipped_layer(ThreeSequences const& batch) {
    Params params(1);
    nn::LSTM const lstm(params / "lstm", 4, 8, {.layers = 2, .bidirectional = true, .dropout = 0.2},
                        {.forget_bias = 1});

    Tape tape;
    Random random(2);  // of dropout; without, the layers are as in evaluation
    auto [ys, state] = lstm(tape.constant(batch.xs), {.lengths = batch.lengths, .random = &random});

    std::cout << "outputs " << text(ys.shape()) << ", last states " << text(state.h.shape()) << ", parameters:\n";
    for (Param* p : params.all()) std::cout << "    " << p->path() << " " << text(p->shape()) << "\n";
}

void run_a_layer_of_ones_own(ThreeSequences const& batch) {
    Params params(1);
    nn::Stacked<TypedRnn> const net(params / "typed", 4, 8, {.layers = 2, .bidirectional = true});

    Tape tape;
    Recorder recorder;
    auto const run = net(tape.constant(batch.xs), {.lengths = batch.lengths, .record = &recorder});
    Var const f    = recorder.sequence("f");  // by its name in the equations, in the last layer: [T,B,8]
    std::cout << "outputs " << text(run.outputs.shape())
              << "; the first gate of the first sequence, step by step: " << numbers(index(index(f, 1, 0), 1, 0))
              << "\n";
}

void keep_in_files(std::filesystem::path const& folder) {
    Params params(1);
    nn::GRU const gru(params / "gru", 4, 8);
    Adam adam(params);
    Random random(5);
    Index epoch = 3;

    save(params / "gru", folder / "gru.safetensors");  // the state_dict of an nn.GRU(4, 8): load it in PyTorch

    Checkpoint run;  // all that a run needs to go on
    run.add("model", params), run.add("optimiser", adam), run.add("random", random), run.add("epoch", epoch);
    run.save(folder / "run.ckpt");
    run.load(folder / "run.ckpt");

    Params other(7);
    nn::GRU const another(other, 4, 8);
    load(other, folder / "gru.safetensors");
    std::cout << "saved in " << folder.string() << ", and loaded " << other.all().size() << " parameters\n";
}

}  // namespace

int main(int argc, char** argv) try {
    ThreeSequences const batch;
    run_a_shipped_layer(batch);
    run_a_layer_of_ones_own(batch);

    std::filesystem::path const folder = argc > 1 ? argv[1] : "layers";
    std::filesystem::create_directories(folder);
    keep_in_files(folder);
} catch (std::exception const& e) {
    std::cerr << "07_layers: " << e.what() << "\n";
    return 2;
}
