// Training: one update in its many forms, and fit().
#include "scenarios.hpp"

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr Index symbols = 7;

std::vector<int> some(std::size_t n, int step) {
    std::vector<int> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<int>(i) * step % symbols;
    return out;
}

/// A character model and what trains it.
template <class Cell> struct Characters {
    Params params{1};
    nn::Embedding embed{params / "embed", symbols, 5};
    Cell cell{params / "cell", 5, 9};
    nn::Linear out{params / "out", 9, symbols};

    Var loss(Tape& tape, Index steps, Index batch) const {
        auto const n       = static_cast<std::size_t>(steps * batch);
        Var const xs       = reshape(embed(tape, some(n, 3)), {steps, batch, 5});
        auto const scanned = scan(cell, xs, cell.zeros(tape, batch), "cell");
        Var const logits   = out(stack(scanned.outputs));
        return cross_entropy(reshape(logits, {steps * batch, symbols}), some(n, 5));
    }
};

template <class Cell> struct Update : ::Program {
    Characters<Cell> model;
    Adam adam{model.params};
    Tape tape;
    double last = 0;

    void step(Index steps, Index batch) {
        tape.rewind();
        Var const loss = model.loss(tape, steps, batch);
        Gradients g    = backward(loss);
        clip_grad_norm(g, 0.1);
        last = loss.item();
        adam.step(g);
    }
    void run() override { step(7, 3); }
    std::string result() override {
        step(7, 3);
        return bits(last) + bits(model.params);
    }
};

/// After updates of shorter sequences, so that some memory is there already.
struct LaterUpdate : Update<nn::LSTMCell> {
    LaterUpdate() { step(2, 1), step(3, 2); }
};

/// The model is made, and trained, each time.
struct FromTheStart : ::Program {
    std::string out;
    void run() override {
        Update<nn::GRUCell> update;
        update.step(3, 2), update.step(4, 1);
        out = update.result();
    }
    std::string result() override { return out; }
};

struct OnTwoThreads : ::Program {
    Characters<nn::LSTMCell> model;
    Adam adam{model.params};
    Shards shards{2};
    double last = 0;

    void run() override {
        auto [loss, g] = shards.run(4, [&](Tape& tape, Shard s) { return model.loss(tape, 3 + s.number, s.size()); });
        last           = loss;
        adam.step(g);
    }
    std::string result() override { return run(), bits(last) + bits(model.params); }
};

/// The threads are made each time, and again for large products.
struct Threads : ::Program {
    xt::xarray<float> a = xt::ones<float>({300, 600}), b = xt::ones<float>({600, 500});
    std::string out;

    void run() override {
        set_num_threads(2);
        Characters<nn::GRUCell> model;
        Shards shards(3);
        auto const both = shards.run(3, [&](Tape& tape, Shard s) { return model.loss(tape, 2, s.size()); });
        Tape tape;
        Var const product = matmul(tape.input(a, "a"), tape.input(b, "b"));
        Var const loss    = mean(product);
        out               = bits(both.loss) + bits(loss) + bits(backward(loss)[tape.input(a)]);
    }
    std::string result() override { return out; }
};

/// Of one set of gradients, from the same parameters each time.
struct Optimisers : ::Program {
    Characters<nn::RNNCell> model;
    Tape tape;
    Gradients g = backward(model.loss(tape, 4, 2));
    std::vector<xt::xarray<float>> start;
    std::string out;

    Optimisers() {
        for (Param* p : model.params.all()) start.emplace_back(p->value<float>());
    }
    void restore() {
        for (std::size_t k = 0; Param * p : model.params.all()) p->assign(start[k++]);
    }
    template <class O> void with(auto const& options) {
        restore();
        O optimiser(model.params, options);
        optimiser.step(g), optimiser.step(g);
        out += bits(model.params);
    }
    void run() override {
        out.clear();
        with<Sgd>(SgdOptions{.momentum = 0.9}), with<Adagrad>(AdagradOptions{}), with<RmsProp>(RmsPropOptions{});
        with<Adam>(AdamOptions{.amsgrad = true}), with<AdamW>(AdamWOptions{});
        auto average = Averaging::exponential(model.params, 0.9);
        average.update();
        Pruning pruning(model.params);
        pruning.prune(0.3);
        tape.rewind();
        Gradients clipped = backward(model.loss(tape, 4, 2));
        pruning.mask(clipped), clip_grad_value(clipped, 0.1), clip_grad_norm(clipped, 1);
        Adam(model.params).step(clipped);
        out += bits(model.params);
    }
    std::string result() override { return out; }
};

/// A parameter that is made later, and all who follow the model.
struct GrowingModel : ::Program {
    Params params{1};
    Param& early = params.constant("early", {3}, 0.5);
    Adam adam{params, {.amsgrad = true}};
    Averaging average = Averaging::exponential(params, 0.9);
    Pruning pruning{params};

    void run() override {
        if (!params.contains("late")) params.normal("late", {2, 3}, 1, 1);
        Fields fields;
        fields.add("adam", adam), fields.add("average", average), fields.add("pruning", pruning);
    }
    std::string result() override {
        Tape tape;
        adam.step(backward(sum(tape.lift(early) * square(tape.lift(params["late"])))));
        average.update(), pruning.prune(0.4);
        std::string const pruned = bits(params);
        average.swap();
        return pruned + bits(params);
    }
};

Sequences<Symbols, Symbols> echoes(Index n) {
    Random random(1);
    Sequences<Symbols, Symbols> out;
    for (Index i = 0; i < n; ++i) {
        Symbols s(1 + random.below(4));
        for (Index& x : s) x = static_cast<Index>(random.below(symbols));
        out.inputs.push_back(s), out.targets.push_back(std::move(s));
    }
    return out;
}

/// A run that is continued from its checkpoint, where there is one.
template <Index threads> struct Fit : ::Program {
    std::filesystem::path folder;
    std::string out;
    explicit Fit(std::filesystem::path const& f) : folder(f) {}

    void run() override {
        Params params(1);
        nn::Embedding embed(params / "embed", symbols, 4);
        nn::GRU gru(params / "gru", 4, 5, {.bidirectional = true});
        nn::Linear linear(params / "out", 10, symbols);
        Adam adam(params);
        SequenceBatches train(echoes(4), {.size = 2}), validation(echoes(2), {.shuffle = false});
        auto const loss = [&](Tape& tape, auto const& batch, Random* random) {
            Var xs = embed(tape, batch.inputs);
            if (random) xs = dropout(xs, 0.1, *random);
            Var logits = linear(gru(xs, {.lengths = batch.lengths}).outputs);
            return LossAndMetrics(cross_entropy(logits, batch.targets), {accuracy(logits, batch.targets)});
        };
        History const h = fit(params, adam, train, loss, validation,
                              {.epochs        = 2,
                               .threads       = threads,
                               .clip_norm     = 1,
                               .by_step       = {},
                               .plateau       = PlateauOptions{},
                               .early         = EarlyStopping{.patience = 3},
                               .metrics       = {{"perplexity", [](double l) { return std::exp(l); }}},
                               .checkpoint    = folder / "run.ckpt",
                               .every_batches = 1,
                               .log           = folder / "log.csv",
                               .quiet         = true});
        out             = bits(params) + bits(h["loss"]) + bits(h["validation_accuracy"]);
    }
    std::string result() override { return out; }
};

}  // namespace

std::vector<Scenario> scenarios_of_training() {
    return {scenario<Update<nn::LSTMCell>>("update"),
            scenario<LaterUpdate>("later update"),
            scenario<FromTheStart>("from the start"),
            scenario<OnTwoThreads>("two shards"),
            scenario<Threads>("threads"),
            scenario<Optimisers>("optimisers"),
            scenario<GrowingModel>("growing model"),
            scenario<Fit<1>>("fit"),
            scenario<Fit<2>>("fit on two threads")};
}
