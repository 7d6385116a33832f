// Ranks that mean different trainings are told so before the first batch, and in what they differ.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <local_ranks.hpp>
#include <unspool.hpp>

using namespace unspool;

namespace {

using Data = Sequences<Symbols, Symbols>;

/// What one rank has otherwise than the others.
struct Meant {
    FitOptions fit{.epochs = 1, .quiet = true, .catch_interrupt = false};
    BatchOptions batches{.size = 13};
    Data train = sequences(40), unseen = sequences(7);
    std::string corpus = "abcabcabbacbabcbabcbbabcbabcbabc";

    static Data sequences(Index n) {
        Data out;
        for (Index k = 0; k < n; ++k) out.inputs.push_back({k, k + 1, k % 3}), out.targets.push_back({k % 2, 1, 0});
        return out;
    }
};
using Change = std::function<void(Meant&)>;

/// A training whose loss does not look at the data, as who feeds other data would not notice.
struct Indifferent {
    Params params{1, float64};
    Param& w = params.zeros("w", {3});
    Sgd sgd{params};

    Var operator()(Tape& tape) { return sum(square(tape.lift(w) - 1)); }
    template <class Train, class Unseen> void fit(Train&& train, Unseen&& unseen, FitOptions const& o) {
        unspool::fit(
            params, sgd, train, [this](Tape& tape, auto const&, Mode) { return (*this)(tape); }, unseen, o);
    }
};

/// What three ranks throw, of which the last means something else.
template <class Body> std::vector<std::string> thrown_by_three(Change const& change, Body body) {
    return on_ranks(3, [&](core::Ranks& r) {
        Meant meant;
        meant.fit.ranks = &r;
        if (r.rank() == 2) change(meant);
        body(meant);
    });
}

void train(Meant const& m) {
    Indifferent().fit(SequenceBatches(m.train, m.batches), SequenceBatches(m.unseen, m.batches), m.fit);
}

void require_all(std::vector<std::string> const& thrown, std::string const& name, std::string const& what) {
    for (auto const& each : thrown) {
        BOOST_TEST(each.find(": fit: " + name + ": rank 0 has ") != each.npos, name << ": " << each);
        BOOST_TEST(each.find(what) != each.npos, name << ": " << each);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ranks_that_mean_different_things)

BOOST_AUTO_TEST_CASE(options) {
    struct Case {
        char const *name, *what;
        Change change;
    };
    for (auto const& [name, what, change] : std::vector<Case>{
             {"epochs", "rank 0 has 1, and rank 2 has 2", [](Meant& m) { m.fit.epochs = 2; }},
             {"parts", "rank 0 has 8, and rank 2 has 5", [](Meant& m) { m.fit.parts = 5; }},
             {"seed", "rank 0 has 0, and rank 2 has 7", [](Meant& m) { m.fit.seed = 7; }},
             {"clip_norm", "rank 0 has none, and rank 2 has 2", [](Meant& m) { m.fit.clip_norm = 2; }},
             {"by_step", "rank 2 has 1 1 after 0, 1:", [](Meant& m) { m.fit.by_step = [](Index) { return 1.0; }; }},
             {"by_epoch", "rank 2 has 1 1 after 0, 1:", [](Meant& m) { m.fit.by_epoch = [](Index) { return 1.0; }; }},
             {"plateau", "rank 2 has factor 0.1", [](Meant& m) { m.fit.plateau.emplace(); }},
             {"early", "patience 5", [](Meant& m) { m.fit.early.emplace(); }},
             {"metrics", "rank 2 has perplexity",
              [](Meant& m) {
                  m.fit.metrics = {{"perplexity", perplexity}};
              }},
             {"mean_over", "rank 2 has size", [](Meant& m) { m.fit.mean_over = MeanOver::size; }},
             {"also", "rank 2 has given", [](Meant& m) { m.fit.also = [](Fields) {}; }}})
        require_all(thrown_by_three(change, train), name, what);
}

BOOST_AUTO_TEST_CASE(each_option_of_a_plateau_and_of_stopping_early) {
    auto const with_both = [](Meant m) {
        if (!m.fit.plateau) m.fit.plateau.emplace();
        if (!m.fit.early) m.fit.early.emplace();
        train(m);
    };
    using Plateau = PlateauOptions;
    for (Plateau const& o : std::vector<Plateau>{{.goal = Plateau::Goal::most},
                                                 {.factor = 0.2},
                                                 {.patience = 9},
                                                 {.threshold = 1e-3},
                                                 {.threshold_mode = Plateau::Threshold::absolute},
                                                 {.cooldown = 1},
                                                 {.least_rate = 1e-9},
                                                 {.eps = 1e-9}})
        require_all(thrown_by_three([&](Meant& m) { m.fit.plateau = o; }, with_both), "plateau", ", and rank 2 has ");
    for (EarlyStopping const& o : std::vector<EarlyStopping>{
             {.patience = 4}, {.min_delta = 1}, {.of = "loss"}, {.most = true}, {.restore = false}})
        require_all(thrown_by_three([&](Meant& m) { m.fit.early = o; }, with_both), "early", ", and rank 2 has ");
}

BOOST_AUTO_TEST_CASE(data) {
    std::string const training = "the training data", validation = "the validation data";
    for (Change const& change : std::vector<Change>{
             [](Meant& m) { m.train.inputs[7][1] ^= 1; }, [](Meant& m) { m.train.targets[39].back() = 1; },
             [](Meant& m) { std::swap(m.train.inputs[3], m.train.inputs[4]); }, [](Meant& m) { m.batches.bucket = 2; },
             [](Meant& m) { m.batches.ignored = 0; }})
        require_all(thrown_by_three(change, train), training, "4 batches of 40 sequences, checksum ");
    require_all(thrown_by_three([](Meant& m) { m.train = Meant::sequences(41); }, train), training, "of 41 sequences");
    require_all(thrown_by_three([](Meant& m) { m.unseen.inputs[0][0] = 9; }, train), validation, "of 7 sequences");
}

/// A table is asked for no more than the training itself asks for.
BOOST_AUTO_TEST_CASE(schedules_that_end_with_the_training) {
    auto const table = [](std::size_t n) {
        return [all = std::vector<double>(n, 0.5)](Index t) { return all.at(static_cast<std::size_t>(t)); };
    };
    for (Change const& change :
         std::vector<Change>{[&](Meant& m) { m.fit.by_step = table(5); }, [&](Meant& m) { m.fit.by_epoch = table(2); },
                             [&](Meant& m) { m.fit.epochs = 0, m.fit.by_step = table(1); }})
        for (auto const& each : on_ranks(2, [&](core::Ranks& r) {
                 Meant meant;
                 meant.fit.ranks = &r;
                 change(meant);
                 train(meant);
             }))
            BOOST_TEST(each == "");
}

BOOST_AUTO_TEST_CASE(texts) {
    auto const train = [](Meant const& m) {
        auto const text = [&] {
            return Corpus(Vocabulary::of_characters("abc").encode(m.corpus), {.streams = 2, .steps = 5});
        };
        Indifferent().fit(text(), text(), m.fit);
    };
    require_all(thrown_by_three([](Meant& m) { m.corpus[20] = 'c'; }, train), "the training data",
                "of 32 symbols, checksum");
}

BOOST_AUTO_TEST_CASE(batches_of_ones_own_are_counted) {
    auto const train = [](Meant m) {
        m.fit.parts = 1;
        Indifferent().fit(m.train.inputs, m.unseen.inputs, m.fit);
    };
    require_all(thrown_by_three([](Meant& m) { m.train.inputs.pop_back(); }, train), "the training data",
                "rank 0 has 40 batches, and rank 2 has 39 batches");
}

BOOST_AUTO_TEST_CASE(what_ranks_may_have_for_themselves) {
    for (Change const& change :
         std::vector<Change>{[](Meant& m) { m.batches.seed = 5; }, [](Meant& m) { m.fit.threads = 2; },
                             [](Meant& m) { m.fit.out = stderr; }})
        for (auto const& each : thrown_by_three(change, train)) BOOST_TEST(each == "");
}

BOOST_AUTO_TEST_CASE(an_option_that_makes_no_sense_on_one_rank) {
    auto const thrown = thrown_by_three([](Meant& m) { m.fit.threads = 0; }, train);
    BOOST_TEST(thrown[2].find("threads is 0") != std::string::npos, thrown[2]);
    for (std::size_t r : {0u, 1u}) BOOST_TEST(thrown[r].find("rank 2 failed: ") != std::string::npos, thrown[r]);
}

BOOST_AUTO_TEST_CASE(evaluation) {
    auto const judge = [](Meant const& m) {
        Indifferent model;
        evaluate(model.params, m.unseen, m.batches, [&](Tape& tape, auto const&, Mode) { return model(tape); },
                 {.ranks = m.fit.ranks});
    };
    for (auto const& each : thrown_by_three([](Meant&) {}, judge)) BOOST_TEST(each == "");
    for (auto const& each : thrown_by_three([](Meant& m) { m.unseen.targets[2][0] ^= 1; }, judge))
        BOOST_TEST(each.find(": evaluate: the data: rank 0 has ") != each.npos, each);
    auto const start  = std::chrono::steady_clock::now();
    auto const thrown = on_ranks(2, [](core::Ranks& r) {
        Indifferent model;
        Meant const m;
        evaluate(model.params, m.unseen, m.batches, [&](Tape& tape, auto const&, Mode) { return model(tape); },
                 {.threads = r.rank() == 1 ? 0 : 1, .ranks = &r});
    });
    BOOST_TEST(thrown[1].find("threads is 0") != std::string::npos, thrown[1]);
    BOOST_TEST(thrown[0].find("rank 1 failed: ") != std::string::npos, thrown[0]);
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(30)));  // it is told, and does not wait
}

BOOST_AUTO_TEST_SUITE_END()
