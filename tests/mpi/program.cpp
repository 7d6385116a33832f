// Trains on the ranks that a launcher started, and ends as it is told:
//     test_mpi fit|loop|large|throw|kill|hang|interrupt|finalised [threads] [checkpoint]
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mpi.h>
#include <next_symbols.hpp>
#include <stdexcept>
#include <string>
#include <unspool.hpp>
#include <unspool/mpi/ranks.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Asked {
    std::string what;
    Index threads = 1;
    std::string checkpoint;
};

/// In the middle of an update.
void end_as_asked(Asked const& asked, Ranks const& ranks) {
    static std::atomic<bool> ended = false;
    if (ranks.rank() != ranks.count() / 2 || ended.exchange(true)) return;
    if (asked.what == "throw") throw ValueError(text(Where::here()) + ": this rank will have no more of it");
    if (asked.what == "kill") std::raise(SIGKILL);
    if (asked.what == "hang") std::raise(SIGSTOP);
    if (asked.what == "interrupt") std::raise(SIGINT);
}

struct Model {
    Params params;
    nn::Embedding table{params / "table", 4, 3};
    nn::GRUCell gru{params / "gru", 3, 6};
    nn::Linear out{params / "out", 6, 4};

    explicit Model(std::uint64_t seed) : params(seed) {}

    template <class B> Var loss(Tape& tape, B const& b, Random* noise) const {
        auto const cell = [this, noise](Var x, Var h) -> Var {
            return noise ? dropout(gru(x, h), 0.2, *noise) : gru(x, h);
        };
        Var const xs = table(tape, b.inputs);
        auto const r = scan<decltype(cell) const&, Var>(cell, xs, gru.zeros(tape, xs.size(1)), {.lengths = b.lengths});
        return cross_entropy(out(stack(r.outputs)), b.targets);
    }
};

/// A hundred updates by fit().
void by_fit(Model& m, Ranks& ranks, Asked const& asked) {
    Adam adam(m.params, {.rate = 1e-2});
    SequenceBatches batches(next_symbols(true), {.size = 13});
    int updates     = 0;
    History const h = fit(m.params, adam, batches,
                          [&](Tape& tape, auto const& b, Random* noise) {
                              if (updates == 49) end_as_asked(asked, ranks);
                              return m.loss(tape, b, noise);
                          },
                          {.epochs        = 25,
                           .threads       = asked.threads,
                           .ranks         = &ranks,
                           .clip_norm     = 1,
                           .checkpoint    = asked.checkpoint,
                           .every_batches = 1,
                           .quiet         = true,
                           .on_batch      = [&](TrainingProgress&) { ++updates; }});
    if (h.stopped == Stop::interrupted)
        std::printf("rank %d stopped after %d updates\n", static_cast<int>(ranks.rank()), updates);
}

/// A hundred updates by a loop of one's own.
void by_loop(Model& m, Ranks& ranks, Asked const& asked) {
    Adam adam(m.params, {.rate = 1e-2});
    SequenceBatches batches(next_symbols(true), {.size = 13});
    Shards shards(ranks, m.params, 8, asked.threads);
    for (int epoch = 0; epoch < 25; ++epoch)
        for (auto const& batch : batches.epoch()) {
            auto [loss, gradients] = shards.run(batch.size(), [&](Tape& tape, Shard s) {
                Random noise(static_cast<std::uint64_t>(100 * epoch + s.number));
                return m.loss(tape, batch.part(s.begin, s.end), &noise);
            });
            adam.step(gradients);
        }
}

template <class E, class F> void require_error(F f) {
    try {
        f();
    } catch (E const&) { return; }
    throw std::logic_error("an error is missing");
}

/// Messages of several parts, of one that is just full, and of none.
void large(Ranks& ranks) {
    for (std::size_t size : {std::size_t{40'000'000}, std::size_t{1} << 24, std::size_t{0}}) {
        std::size_t const mine = static_cast<std::size_t>(ranks.rank());
        Packet bytes(size);
        for (std::size_t k = 0; k < size; ++k) bytes[k] = static_cast<std::byte>((k + k / 1000 + mine) % 251);
        auto const all = gather(ranks, "large messages", bytes);
        for (std::size_t r = 0; r < all.size(); ++r) {
            bool right = all[r].size() == size;
            for (std::size_t k = 0; k < size && right; k += 997)
                right = all[r][k] == static_cast<std::byte>((k + k / 1000 + r) % 251);
            if (!right) throw ValueError("a large message came as another one");
        }
    }
}

/// A program that begins MPI and ends it, before its ranks end.
void finalised() {
    int level = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
    mpi::Ranks ranks;
    if (greatest(ranks, "ranks", ranks.rank()) + 1 != ranks.count()) throw ValueError("a rank is missing");
    MPI_Finalize();
}

/// What all ranks have, in a number: an error where they differ.
std::size_t fingerprint(Params const& params, Ranks& ranks) {
    std::size_t sum = 0;
    for (double x : params.flatten()) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &x, sizeof x);
        sum = (sum ^ bits) * 1099511628211u;
    }
    for (Packet const& other : gather(ranks, "fingerprints", std::as_bytes(std::span(&sum, 1))))
        if (std::memcmp(other.data(), &sum, sizeof sum) != 0)
            throw ValueError("ranks have ended with other parameters");
    return sum;
}

void run(Asked const& asked) {
    if (asked.what == "finalised") return finalised();
    mpi::Ranks ranks({.seconds = asked.what == "hang" ? 2.0 : 60.0});
    Model model(static_cast<std::uint64_t>(ranks.rank()));
    if (asked.what == "large") {
        require_error<ValueError>([] { mpi::Ranks const impatient({.seconds = 0}); });
        return large(ranks);
    }
    asked.what == "loop" ? by_loop(model, ranks, asked) : by_fit(model, ranks, asked);
    std::size_t const sum = fingerprint(model.params, ranks);
    if (ranks.rank() == 0) std::printf("parameters %016zx\n", sum);
}

}  // namespace

int main(int argc, char** argv) try {
    run({argc > 1 ? argv[1] : "fit", argc > 2 ? std::stoi(argv[2]) : 1, argc > 3 ? argv[3] : ""});
    require_error<RankError>([] { mpi::Ranks const late; });
    return 0;
} catch (std::exception const& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
