// The same bits on any number of threads: parts of a batch are as many as one says, and are added in a tree.
#include <boost/test/unit_test.hpp>
#include <next_symbols.hpp>
#include <set>
#include <thread>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

xt::xarray<double> series(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    Random random(seed);
    xt::xarray<double> out(shape);
    for (double& x : out) x = random.uniform(-1, 1);
    return out;
}

/// 100 updates of an LSTM with dropout, of batches of 13 whose targets are ignored here and there; the parameters after them.
std::vector<double> trained(Index parts, Index threads, Dtype dtype) {
    Params params(3, dtype);
    nn::LSTMCell const lstm(params / "lstm", 4, 6);
    nn::Linear const out(params / "out", 6, 3);
    Adam adam(params, {.rate = 1e-2});
    Shards shards(parts, dtype, threads);
    xt::xarray<double> const xs = series({5, 13, 4}, 1);
    for (std::uint64_t update = 0; update < 100; ++update) {
        auto const [loss, gradients] = shards.run(13, [&](Tape& tape, Shard s) {
            Random random(1000 * update + static_cast<std::uint64_t>(s.number));
            std::vector<Index> targets;
            for (Index b = s.begin; b < s.end; ++b)
                targets.push_back((b + static_cast<Index>(update)) % 4 == 0 ? -100 : b % 3);
            Var const x = tape.constant(xt::view(xs, xt::all(), xt::range(s.begin, s.end)));
            ScanOptions const options{.noise           = {.dropout = 0.2, .zoneout = 0.1, .random = &random},
                                      .recompute_every = 2};
            auto const r = scan(lstm, x, lstm.zeros(tape, s.size()), options);
            return cross_entropy(out(dropout(r.state.h, 0.3, random)), targets);
        });
        adam.step(gradients);
    }
    std::vector<double> values;
    for (Param const* p : params.all())
        dispatch(dtype, [&](auto t) {
            auto const* x = static_cast<decltype(t) const*>(p->data());
            values.insert(values.end(), x, x + p->count());
        });
    return values;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_shards)

BOOST_AUTO_TEST_CASE(training_is_the_same_on_any_number_of_threads) {
    for (Dtype dtype : {float32, float64})
        for (Index parts : {1, 3, 8}) {
            auto const one = trained(parts, 1, dtype);
            for (Index threads : {2, 3, 8})
                BOOST_TEST((trained(parts, threads, dtype) == one), parts << " parts, " << threads);
        }
}

BOOST_AUTO_TEST_CASE(fit_is_the_same_on_any_number_of_threads) {
    auto const data = next_symbols();
    auto const run  = [&](Index threads, Index parts) {
        Params params(1, float64);
        nn::Embedding const table(params / "table", 4, 3);
        nn::GRUCell const gru(params / "gru", 3, 5);
        nn::Linear const out(params / "out", 5, 4);
        Adam adam(params);
        SequenceBatches batches(data, {.size = 20});
        auto const loss = [&](Tape& tape, auto const& b, Random* noise) {
            auto const cell = [&gru, noise](Var x, Var h) -> Var {
                return noise ? dropout(gru(x, h), 0.2, *noise) : gru(x, h);
            };
            Var const xs = table(tape, b.inputs);
            auto const r = scan<decltype(cell) const&, Var>(cell, xs, gru.zeros(tape, xs.size(1)),
                                                            {.lengths = b.lengths, .recompute_every = 2});
            return cross_entropy(out(stack(r.outputs)), b.targets);
        };
        History const h =
            fit(params, adam, batches, loss, {.epochs = 3, .threads = threads, .parts = parts, .quiet = true});
        std::vector<double> values{h["loss"][2]};
        for (Param const* p : params.all())
            for (double x : p->template value<double>()) values.push_back(x);
        return values;
    };
    auto const one = run(1, 8);
    for (Index threads : {2, 3, 8}) BOOST_TEST((run(threads, 0) == one), threads << " threads");
    BOOST_TEST((run(2, 2) != one));
}

BOOST_AUTO_TEST_CASE(parts_add_up_to_the_whole) {
    Params params(3, float64);
    nn::GRUCell const gru(params, 2, 3);
    xt::xarray<double> const xs = series({4, 11, 2}, 1);
    auto const gradients        = [&](Index parts) {
        auto const [loss, g]    = Shards(parts, float64).run(11, [&](Tape& tape, Shard s) {
            Var const x = tape.constant(xt::view(xs, xt::all(), xt::range(s.begin, s.end)));
            return mean(square(scan(gru, x, gru.zeros(tape, s.size())).state));
        });
        std::vector<double> out = g.flatten(params);
        out.push_back(loss);
        return out;
    };
    auto const whole = gradients(1);
    for (Index parts : {2, 3, 5, 8, 11, 20}) {
        auto const g = gradients(parts);
        for (std::size_t k = 0; k < g.size(); ++k) BOOST_TEST(std::abs(g[k] - whole[k]) < 1e-14, parts << " parts");
    }
}

BOOST_AUTO_TEST_CASE(a_part_stays_on_its_thread) {
    Params params(3);
    Param& w = params.zeros("w", {2});
    Shards shards(8, float32, 3);
    std::vector<std::thread::id> first(8);
    for (int run = 0; run < 2; ++run)
        shards.run(8, [&](Tape& tape, Shard s) {
            auto& id = first[static_cast<std::size_t>(s.number)];
            if (run == 0) id = std::this_thread::get_id();
            else if (id != std::this_thread::get_id()) throw ValueError("another thread");
            return sum(tape.lift(w));
        });
    BOOST_TEST((std::set<std::thread::id>(first.begin(), first.end()).size() == 3));
}

BOOST_AUTO_TEST_CASE(the_error_is_that_of_the_first_part) {
    Params params(3);
    Param& w = params.zeros("w", {2});
    for (Index threads : {1, 2, 3, 8}) {
        Shards shards(8, float32, threads);
        auto const failing = [&](Tape& tape, Shard s) {
            if (s.number == 3 || s.number == 4 || s.number == 6) throw ValueError("part " + std::to_string(s.number));
            return sum(tape.lift(w));
        };
        BOOST_CHECK_EXCEPTION(shards.run(8, failing), ValueError,
                              [](auto& e) { return std::string(e.what()) == "part 3"; });
        BOOST_CHECK_NO_THROW(shards.run(8, [&](Tape& tape, Shard) { return sum(tape.lift(w)); }));
    }
    BOOST_CHECK_THROW(Shards(2, float32, 0), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
