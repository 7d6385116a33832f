// Does training need more memory the longer it goes on?  Looks at what the process has in memory after a fifth of the updates, and
// after all of them, for sequences of all lengths, on one thread and on two, by fit() and by a loop of one's own:
//     test_flat_memory [updates]
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr Index symbols = 7;
constexpr long allowed  = 400;  // kB, for what the allocator does; 100 bytes an update make 800 in 10,000

/// kB of memory that the process has.
long resident() {
    std::ifstream statm("/proc/self/statm");
    long all = 0, here = 0;
    statm >> all >> here;
    return here * (::sysconf(_SC_PAGESIZE) / 1024);
}

/// What was added between a fifth of the updates and the last one.
class Growth {
public:
    explicit Growth(Index updates) : updates_(updates) {}
    bool seen() {  ///< that an update was made; was it the last?
        if (++done_ == updates_ / 5) before_ = resident();
        if (done_ == updates_) after_ = resident();
        return done_ == updates_;
    }
    long kilobytes() const { return after_ - before_; }

private:
    Index updates_, done_ = 0;
    long before_ = 0, after_ = 0;
};

Sequences<Symbols, Symbols> echoes() {
    Random random(1);
    Sequences<Symbols, Symbols> out;
    for (Index i = 0; i < 64; ++i) {
        Symbols s(1 + random.below(20));
        for (Index& x : s) x = static_cast<Index>(random.below(symbols));
        out.inputs.push_back(s), out.targets.push_back(std::move(s));
    }
    return out;
}

struct Run {
    Params params{1};
    nn::Embedding embed{params / "embed", symbols, 6};
    nn::LSTM lstm{params / "lstm", 6, 9, {.bidirectional = true}};
    nn::Linear out{params / "out", 18, symbols};
    Adam adam{params};
    SequenceBatches<Symbols, Symbols> train{echoes(), {.size = 8}};

    Var loss(Tape& tape, Batch<Symbols, Symbols> const& batch) const {
        Var logits = out(lstm(embed(tape, batch.inputs), {.lengths = batch.lengths}).outputs);
        return cross_entropy(logits, batch.targets);
    }
};

long by_fit(Index updates, Index threads) {
    Run run;
    Growth growth(updates);
    SequenceBatches validation(echoes(), {.shuffle = false});
    FitOptions const how{.epochs    = updates,
                         .threads   = threads,
                         .clip_norm = 1,
                         .plateau   = PlateauOptions{},
                         .quiet     = true,
                         .on_batch  = [&](TrainingProgress& m) {
                             if (growth.seen()) m.stop();
                         }};
    auto const loss = [&](Tape& tape, auto const& batch, Mode) {
        Var l = run.loss(tape, batch);
        return LossAndMetrics(l, {Metric{"one", 1, 1}});
    };
    fit(run.params, run.adam, run.train, loss, validation, how);
    return growth.kilobytes();
}

long by_a_loop(Index updates, Index threads) {
    Run run;
    Shards shards(threads);
    auto average = Averaging::exponential(run.params, 0.9);
    Growth growth(updates);
    for (bool done = false; !done;)
        for (auto const& batch : run.train.epoch()) {
            auto [loss, gradients] = shards.run(
                batch.size(), [&](Tape& tape, Shard s) { return run.loss(tape, batch.part(s.begin, s.end)); });
            clip_grad_norm(gradients, 1);
            run.adam.step(gradients);
            average.update();
            if ((done = growth.seen())) break;
        }
    return growth.kilobytes();
}

bool is_flat(char const* what, Index threads, long grown) {
    std::printf("%-9s %ld thread%s: %+5ld kB%s\n", what, static_cast<long>(threads), threads == 1 ? "" : "s", grown,
                grown <= allowed ? "" : ", which is too much");
    std::fflush(stdout);
    return grown <= allowed;
}

}  // namespace

int main(int argc, char** argv) {
    Index const updates = argc > 1 ? std::atol(argv[1]) : 1000;
    if (updates < 10) return std::fprintf(stderr, "test_flat_memory: at least 10 updates\n"), 2;
    bool all = true;
    for (Index threads : {1, 2}) {
        all &= is_flat("fit()", threads, by_fit(updates, threads));
        all &= is_flat("a loop", threads, by_a_loop(updates, threads));
    }
    return all ? 0 : 1;
}
