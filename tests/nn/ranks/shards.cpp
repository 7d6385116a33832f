// The same bits on any number of ranks, of any number of threads, as of one process: ranks are threads here.
#include <bit>
#include <boost/test/unit_test.hpp>
#include <local_ranks.hpp>
#include <mutex>
#include <runs.hpp>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

/// A model of random size, trained on random data for some updates.
struct Trial {
    Dtype dtype;
    Index steps, batch, in, hidden, classes, parts, updates;
    double dropout;
    bool ignored, idle;  // are some targets ignored; do some parts not see a parameter

    explicit Trial(Random& random)
        : dtype(random.below(2) ? float32 : float64)
        , steps(drawn(random, 1, 5))
        , batch(drawn(random, 1, 17))
        , in(drawn(random, 1, 4))
        , hidden(drawn(random, 1, 7))
        , classes(drawn(random, 2, 4))
        , parts(drawn(random, 1, 12))
        , updates(drawn(random, 1, 4))
        , dropout(random.below(2) ? 0.3 : 0)
        , ignored(random.below(2) == 1)
        , idle(random.below(3) == 0) {}

    static Index drawn(Random& random, Index low, Index high) {
        return low + static_cast<Index>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    }
    std::string text() const {
        return fmt::format("{}, T {} B {} in {} hidden {} classes {}, {} parts, {} updates, dropout {}{}{}",
                           core::text(dtype), steps, batch, in, hidden, classes, parts, updates, dropout,
                           ignored ? ", ignored" : "", idle ? ", idle" : "");
    }
};

/// The bits of the losses and of the parameters after the updates, and the order of the last gradients.
struct Trained {
    std::vector<std::uint64_t> bits;
    std::string order;
    bool operator==(Trained const&) const = default;
};

class Run {
public:
    Run(Trial const& trial, std::uint64_t seed)
        : t_(trial)
        , params_(seed, t_.dtype)
        , cell_(params_ / "gru", t_.in, t_.hidden)
        , out_(params_ / "out", t_.hidden, t_.classes)
        , shift_(params_.zeros("shift", {t_.classes}))
        , xs_(xt::zeros<double>({t_.steps, t_.batch, t_.in})) {
        Random random(3);
        for (double& x : xs_) x = random.uniform(-1, 1);
    }
    Params const& params() const { return params_; }

    Trained operator()(Shards& shards) {
        Adam adam(params_, {.rate = 1e-2});
        Trained out;
        for (Index update = 0; update < t_.updates; ++update) {
            auto [loss, gradients] =
                shards.run(t_.batch, [&](Tape& tape, Shard s) { return this->loss(tape, s, update); });
            out.order.clear();
            gradients.each_param([&](Param const& p) { out.order += p.path() + " "; });
            out.bits.push_back(std::bit_cast<std::uint64_t>(loss));
            clip_grad_norm(gradients, 0.1);
            adam.step(gradients);
        }
        for (double x : params_.flatten()) out.bits.push_back(std::bit_cast<std::uint64_t>(x));
        return out;
    }

private:
    Var loss(Tape& tape, Shard s, Index update) const {
        Random random(static_cast<std::uint64_t>(1000 * update + s.number));
        std::vector<Index> targets;
        for (Index b = s.begin; b < s.end; ++b)
            targets.push_back(t_.ignored && (b * 7 + update) % 3 == 0 ? -100 : b % t_.classes);
        Var const x = tape.constant(xt::view(xs_, xt::all(), xt::range(s.begin, s.end)));
        Var const h = scan(cell_, x, cell_.zeros(tape, s.size())).state;
        Var y       = out_(t_.dropout > 0 ? unspool::dropout(h, t_.dropout, random) : h);
        if (!t_.idle || (s.number + update) % 3 == 1) y = y + shift_;
        return cross_entropy(y, targets);
    }

    Trial t_;
    Params params_;
    nn::GRUCell cell_;
    nn::Linear out_;
    Param& shift_;
    xt::xarray<double> xs_;
};

Trained alone(Trial const& trial) {
    Run run(trial, 1);
    Shards shards(trial.parts, trial.dtype, 1);
    return run(shards);
}

/// On each rank, of which the others begin with other parameters.
std::vector<Trained> together(Trial const& trial, std::size_t ranks, Index threads) {
    std::vector<Trained> out(ranks);
    auto const thrown = on_ranks(ranks, [&](Ranks& r) {
        Run run(trial, 1 + static_cast<std::uint64_t>(r.rank()));
        Shards shards(r, run.params(), trial.parts, threads);
        out[static_cast<std::size_t>(r.rank())] = run(shards);
    });
    for (auto const& what : thrown) BOOST_TEST(what == "");
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ranks_and_shards)

BOOST_AUTO_TEST_CASE(random_trainings_are_the_same_on_any_number_of_ranks) {
    for (int k = 0; k < runs(60, 4000); ++k) {
        Random random(static_cast<std::uint64_t>(k));
        Trial const trial(random);
        auto const ranks   = static_cast<std::size_t>(Trial::drawn(random, 1, 9));
        auto const threads = Trial::drawn(random, 1, 3);
        auto const one     = alone(trial);
        for (auto const& each : together(trial, ranks, threads)) {
            BOOST_TEST((each == one), k << ": " << trial.text() << ", " << ranks << " ranks of " << threads);
            BOOST_TEST(each.order == one.order);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_hundred_updates_are_the_same_on_1_2_4_and_8_ranks_of_1_2_and_3_threads) {
    Random random(0);
    Trial trial(random);
    trial.dtype = float32, trial.steps = 5, trial.batch = 13, trial.hidden = 6, trial.parts = 8, trial.updates = 100,
    trial.dropout = 0.3, trial.ignored = true, trial.idle = true;
    auto const one = alone(trial);
    for (std::size_t ranks : {1, 2, 3, 4, 5, 8, 11})
        for (Index threads : {1, 2, 3})
            for (auto const& each : together(trial, ranks, threads))
                BOOST_TEST((each == one), ranks << " ranks of " << threads << " threads");
}

BOOST_AUTO_TEST_CASE(twice_the_parameters_go_out_of_each_rank) {
    Params params(1);
    params.zeros("w", {100, 100});
    auto const bytes_of = [&](int updates) {
        std::size_t bytes = 0;
        on_ranks(
            4,
            [&](Ranks& r) {
                Params mine(1);
                Param& w = mine.zeros("w", {100, 100});
                Shards shards(r, mine);
                for (int k = 0; k < updates; ++k)
                    shards.run(8, [&](Tape& tape, Shard) { return mean(square(tape.lift(w) + 1)); });
            },
            &bytes);
        return static_cast<double>(bytes);
    };
    double const each = (bytes_of(2) - bytes_of(1)) / 4, parameters = 4 * 100 * 100;
    BOOST_TEST(each > 2 * 0.75 * parameters);
    BOOST_TEST(each < 2 * 0.75 * parameters + 2000);
}

BOOST_AUTO_TEST_CASE(what_one_rank_throws_ends_all) {
    for (Index bad : {0, 3, 7}) {
        auto const thrown          = on_ranks(4, [&](Ranks& r) {
            Params params(1);
            Param& w = params.zeros("w", {2});
            Shards shards(r, params);
            auto const failing = [&](Tape& tape, Shard s) {
                if (s.number == bad) throw ValueError("model.cpp:7: a bad part");
                return sum(square(tape.lift(w)));
            };
            try {
                shards.run(8, failing);
            } catch (Error const&) {}
            shards.run(8, [&](Tape& tape, Shard) { return sum(tape.lift(w)); });  // no more
        });
        std::string const expected = fmt::format("rank {} failed: model.cpp:7: a bad part", bad / 2);
        for (auto const& what : thrown) BOOST_TEST(what.ends_with(expected), what);
    }
}

BOOST_AUTO_TEST_CASE(ranks_that_do_different_things_are_told) {
    auto const thrown = on_ranks(2, [&](Ranks& r) {
        Params params(1);
        Param& w = params.zeros("w", {2});
        Shards shards(r, params);
        shards.run(8 + r.rank(), [&](Tape& tape, Shard) { return sum(tape.lift(w)); });
    });
    for (auto const& what : thrown) {
        BOOST_TEST(what.find("a batch of 8 in 8 parts") != what.npos, what);
        BOOST_TEST(what.find("a batch of 9 in 8 parts") != what.npos, what);
        BOOST_TEST(what.find("all ranks must do the same") != what.npos, what);
    }
}

BOOST_AUTO_TEST_CASE(another_model_and_a_foreign_parameter_are_told) {
    auto thrown = on_ranks(3, [&](Ranks& r) {
        Params params(1);
        params.zeros("w", {2 + r.rank() / 2});
        Shards const shards(r, params);
    });
    BOOST_TEST(thrown[2].find("\"parameters.w\"  is [2] in the file, expected [3]") != std::string::npos, thrown[2]);
    thrown = on_ranks(3, [&](Ranks& r) {
        Params params(1);
        params.zeros("w", {2});
        if (r.rank() == 2) params.fixed("mean", xt::xarray<float>{1});
        else params.zeros("mean", {1});
        Shards const shards(r, params);
    });
    for (auto const& what : thrown)
        BOOST_TEST(what.ends_with("mean is trained on rank 0 and fixed on rank 2: all ranks must train the same "
                                  "parameters"),
                   what);
    thrown = on_ranks(2, [&](Ranks& r) {
        Params params(1), others(2);
        Param& w = others.zeros("alien.w", {2});
        Shards shards(r, params);
        shards.run(8, [&](Tape& tape, Shard) { return sum(tape.lift(w)); });
    });
    for (auto const& what : thrown) BOOST_TEST(what.find("alien.w, which is not among") != what.npos, what);
}

BOOST_AUTO_TEST_SUITE_END()
