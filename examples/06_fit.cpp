// Training by fit(), and by a loop of one's own that does the same: sequences of digits, and after each step the sum so far, modulo 3.
#include <iostream>
#include <unspool.hpp>
#include <xtensor/xadapt.hpp>

using namespace unspool;

namespace {

using Examples = Sequences<Symbols, Symbols>;

Examples running_sums(Index n, std::uint64_t seed) {
    Examples out;
    Random random(seed);
    for (Index i = 0; i < n; ++i) {
        Symbols digits(5 + random.below(20)), sums;
        Index sum = 0;
        for (Index& d : digits) {
            d = static_cast<Index>(random.below(3));
            sums.push_back(sum = (sum + d) % 3);
        }
        out.inputs.push_back(std::move(digits)), out.targets.push_back(std::move(sums));
    }
    return out;
}

struct Model {
    nn::Embedding embed;
    nn::GRUCell gru;
    nn::Linear out;

    explicit Model(Params p) : embed(p / "embed", 3, 8), gru(p / "gru", 8, 24), out(p / "out", 24, 3) {}

    Var operator()(Tape& tape, nn::Batch<Symbols, Symbols> const& batch) const {
        auto const [hs, h] = scan(gru, embed(tape, batch.inputs), gru.zeros(tape, batch.size()), "gru");
        return out(stack(hs));
    }
};

BatchOptions const how{.size = 32, .seed = 1, .bucket = 8};  // sequences of similar length together

/// What the page shows from inside of the network, after each epoch: one sequence, of which the loss sees the last step.
TrainingProbe one_sequence(Model const& model, Symbols const& digits, Index sum) {
    std::vector<std::string> below;
    for (Index d : digits) below.push_back(std::to_string(d));
    auto const loss = [&model, digits, sum](Tape& tape, Recorder& recorder) {
        Var xs             = model.embed(tape, xt::adapt(digits, {digits.size(), std::size_t{1}}));
        auto const [hs, h] = scan(model.gru, xs, model.gru.zeros(tape, 1), {.record = &recorder});
        return cross_entropy(model.out(h), Symbols{sum});
    };
    return {.loss = loss, .tokens = {below}};
}

History by_fit(Params const& params, Model const& model, Examples const& train, Examples const& validation) {
    auto const loss = [&](Tape& tape, auto const& batch, Mode) {
        Var logits = model(tape, batch);
        return LossAndMetrics(cross_entropy(logits, batch.targets), {accuracy(logits, batch.targets)});
    };
    Adam adam(params, {.rate = 1e-2});
    SequenceBatches seen(train, how), unseen(validation, {.shuffle = false});
    return fit(params, adam, seen, loss, unseen,
               {.epochs       = 12,
                .clip_norm    = 1,
                .early        = EarlyStopping{.patience = 3},
                .metrics      = {{"perplexity", perplexity}},
                .page         = "06_fit.html",
                .page_options = {.probe = one_sequence(model, validation.inputs[0], validation.targets[0].back())}});
}

/// The first epoch of the same.  Returns the mean loss over its steps.
double by_hand(Params const& params, Model const& model, Examples const& train) {
    Adam adam(params, {.rate = 1e-2});
    SequenceBatches batches(train, how);
    EventLog events("06_fit.events", params);
    Tape tape;
    double sum = 0, steps = 0;
    for (auto const& batch : batches.epoch()) {
        tape.rewind();
        Var loss            = cross_entropy(model(tape, batch), batch.targets);  // padded targets do not count
        Gradients gradients = backward(loss);
        events.update(clip_grad_norm(gradients, 1));
        adam.step(gradients);
        sum += loss.item() * batch.weight(), steps += batch.weight();
    }
    events.epoch({{"loss", sum / steps}, {"rate", adam.rate()}});
    return sum / steps;
}

}  // namespace

int main() try {
    Examples const train = running_sums(1000, 1), validation = running_sums(200, 2);

    Params params(3);
    Model const model(params);
    History const history = by_fit(params, model, train, validation);
    std::cout << "06_fit.html shows the training\n";
    plot(history, "06_fit.svg", {.title = "running sums modulo 3"});
    std::cout << "06_fit.svg shows the losses\n";

    Params again(3);
    Model const same(again);
    std::cout << "the first epoch by hand, for TensorBoard in 06_fit.events: loss " << by_hand(again, same, train)
              << ", by fit: " << history["loss"].front() << "\n";
} catch (std::exception const& e) {
    std::cerr << "06_fit: " << e.what() << "\n";
    return 2;
}
