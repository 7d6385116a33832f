// fit() and evaluate() on several ranks: what one process does with as many parts, and one set of files.
#include <boost/filesystem.hpp>
#include <boost/test/unit_test.hpp>
#include <local_ranks.hpp>
#include <next_symbols.hpp>
#include <set>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

/// A model with dropout, whose seed and order of batches only rank 0 has as the others will.
class Training {
public:
    explicit Training(std::uint64_t seed)
        : params_(seed, float64)
        , table_(params_ / "table", 4, 3)
        , gru_(params_ / "gru", 3, 5)
        , out_(params_ / "out", 5, 4)
        , adam_(params_, {.rate = 1e-2})
        , train_(next_symbols(), {.size = 13, .seed = seed})
        , unseen_(next_symbols(), {.size = 21, .shuffle = false}) {}

    History fit(FitOptions o) {
        o.quiet = true, o.catch_interrupt = false, o.clip_norm = 0.5;
        return unspool::fit(
            params_, adam_, train_,
            [this](Tape& tape, auto const& b, Random* noise) { return this->loss(tape, b, noise); }, unseen_, o);
    }
    double evaluate(EvaluateOptions const& o) {
        return unspool::evaluate(
            params_, unseen_, [this](Tape& tape, auto const& b, Random* noise) { return this->loss(tape, b, noise); },
            o)["accuracy"];
    }
    Params const& params() const { return params_; }

private:
    template <class B> LossAndMetrics loss(Tape& tape, B const& b, Random* noise) {
        auto const cell = [this, noise](Var x, Var h) -> Var {
            return noise ? dropout(gru_(x, h), 0.2, *noise) : gru_(x, h);
        };
        Var const xs = table_(tape, b.inputs);
        auto const r = scan<decltype(cell) const&, Var>(cell, xs, gru_.zeros(tape, xs.size(1)), {.lengths = b.lengths});
        Var const y  = out_(stack(r.outputs));
        return {cross_entropy(y, b.targets), {accuracy(y, b.targets)}};
    }

    Params params_;
    nn::Embedding table_;
    nn::GRUCell gru_;
    nn::Linear out_;
    Adam adam_;
    SequenceBatches<Symbols, Symbols> train_, unseen_;
};

/// Parameters, and the history but for its seconds.
std::vector<double> numbers_of(Training const& training, History const& h) {
    std::vector<double> out = training.params().flatten();
    for (auto const& name : h.names())
        if (name != "seconds")
            for (double x : h[name]) out.push_back(x);
    return out;
}

struct Folder {
    boost::filesystem::path path =
        boost::filesystem::temp_directory_path() / boost::filesystem::unique_path("unspool-%%%%%%%%");
    Folder() { boost::filesystem::create_directory(path); }
    ~Folder() { boost::filesystem::remove_all(path); }
    std::string operator/(char const* name) const { return (path / name).string(); }
};

std::vector<double> alone(FitOptions o) {
    Training training(1);
    o.parts            = 8;
    auto const history = training.fit(o);
    return numbers_of(training, history);
}

/// On each rank.
std::vector<std::vector<double>> together(std::size_t ranks, FitOptions const& o) {
    std::vector<std::vector<double>> out(ranks);
    auto const thrown = on_ranks(ranks, [&](Ranks& r) {
        Training training(1 + static_cast<std::uint64_t>(r.rank()));
        FitOptions mine                         = o;
        mine.ranks                              = &r;
        auto const history                      = training.fit(mine);
        out[static_cast<std::size_t>(r.rank())] = numbers_of(training, history);
    });
    for (auto const& what : thrown) BOOST_TEST(what == "");
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ranks_and_fit)

BOOST_AUTO_TEST_CASE(training_is_that_of_one_process) {
    auto const one = alone({.epochs = 3});
    for (std::size_t ranks : {1, 2, 3, 8, 9})
        for (Index threads : {1, 3})
            for (auto const& each : together(ranks, {.epochs = 3, .threads = threads}))
                BOOST_TEST((each == one), ranks << " ranks of " << threads << " threads");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_continued_by_any_number_of_ranks) {
    auto const whole = alone({.epochs = 4});
    for (auto [before, after] : {std::pair(4, 1), {1, 3}, {2, 5}}) {
        Folder const folder;
        auto const path = folder / "run.ckpt";
        together(static_cast<std::size_t>(before),
                 {.epochs = 4, .checkpoint = path, .on_batch = [](TrainingProgress& p) {
                      if (p.epoch == 1 && p.batch == 2) p.stop();
                  }});
        for (auto const& each : together(static_cast<std::size_t>(after), {.epochs = 4, .checkpoint = path}))
            BOOST_TEST((each == whole), before << " ranks, then " << after);
    }
}

BOOST_AUTO_TEST_CASE(rank_0_writes_the_files) {
    Folder const folder;
    on_ranks(3, [&](Ranks& r) {
        std::string const own = std::to_string(r.rank());
        Training training(1);
        training.fit({.epochs     = 1,
                      .ranks      = &r,
                      .checkpoint = folder / ("c" + own).c_str(),
                      .log        = folder / ("l" + own).c_str(),
                      .page       = folder / ("p" + own).c_str()});
    });
    std::set<std::string> names;
    for (auto const& e : boost::filesystem::directory_iterator(folder.path)) names.insert(e.path().filename().string());
    BOOST_TEST((names == std::set<std::string>{"c0", "l0", "p0"}));
}

BOOST_AUTO_TEST_CASE(one_that_stops_stops_all) {
    for (Index who : {0, 2}) {
        auto const thrown = on_ranks(3, [&](Ranks& r) {
            Training training(1);
            auto const history = training.fit({.epochs = 5, .ranks = &r, .on_batch = [&](TrainingProgress& p) {
                                                   if (r.rank() == who && p.epoch == 1) p.stop();
                                               }});
            if (history.stopped != Stop::asked || history.epochs() != 1) throw ValueError("it went on");
        });
        for (auto const& what : thrown) BOOST_TEST(what == "");
    }
}

BOOST_AUTO_TEST_CASE(one_that_throws_ends_all) {
    auto const thrown = on_ranks(3, [&](Ranks& r) {
        Training training(1);
        training.fit({.epochs = 5, .ranks = &r, .on_epoch = [&](TrainingProgress&) {
                          if (r.rank() == 1) throw ValueError("mine.cpp:3: that is it");
                      }});
    });
    BOOST_TEST(thrown[1] == "mine.cpp:3: that is it");
    for (auto k : {0, 2})
        BOOST_TEST(thrown[static_cast<std::size_t>(k)].ends_with("rank 1 failed: mine.cpp:3: that is it"),
                   thrown[static_cast<std::size_t>(k)]);
}

BOOST_AUTO_TEST_CASE(a_model_is_judged_as_by_one_process) {
    double const one = Training(1).evaluate({.parts = 8});
    std::vector<double> each(3);
    on_ranks(3, [&](Ranks& r) { each[static_cast<std::size_t>(r.rank())] = Training(1).evaluate({.ranks = &r}); });
    BOOST_TEST((each == std::vector<double>(3, one)));
}

BOOST_AUTO_TEST_SUITE_END()
