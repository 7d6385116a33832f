// Recomputed scans where they are met less often: gradients of outputs, what is changed between the passes, and sizes at the edge.
#include <nn/recurrence/recomputed.hpp>
#include <thread>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace recomputed;

BOOST_AUTO_TEST_SUITE(recomputed_elsewhere)

BOOST_AUTO_TEST_CASE(gradients_of_single_outputs) {
    Simple s;
    struct Two {
        Var h, slow;
    };
    std::vector<xt::xarray<float>> twice;
    auto const run = [&](Index every, bool reverse) {
        s.begin();
        auto const cell = [&](Var x, Two const& v) -> Two {
            Var const h = s.step(x, v.slow);
            return {h, Var(0.5 * v.slow + 0.5 * h)};
        };
        auto const r =
            scan<decltype(cell) const&, Two>(cell, s.xs, {s.h0, s.h0}, {.reverse = reverse, .recompute_every = every});
        Var const l       = sum(r.outputs[3]) + sum(square(r.outputs[12])) + sum(r.state.slow);
        Gradients const g = backward(l, Keep::all);
        Bits out;
        for (Index t = 0; t < 20; ++t) out.add(fmt::format("output {}", t), g[r.outputs[t]]);
        out.add("state", g[r.state.slow]);
        auto const recorded = gradient(l, {r.outputs[3], r.outputs[11], s.xs});
        for (Var const& x : recorded) out.add("recorded", x);
        twice.push_back(gradient(sum(square(recorded[1])), s.xs).value<float>());
        return out;
    };
    for (bool reverse : {false, true})
        for (Index every : {1, 3, 7}) BOOST_TEST(first_difference(run(0, reverse), run(every, reverse)) == "");
    for (std::size_t k = 0; k < twice.size(); k += 2)  // sums of sums are in another order
        BOOST_TEST(xt::allclose(twice[k], twice[k + 1], 1e-4, 1e-6));
}

BOOST_AUTO_TEST_CASE(gradients_while_recording_is_paused) {
    Simple s;
    auto const run = [&](Index every) {
        s.begin();
        Var const l = s.loss([&](Var x, Var h) { return s.step(x, h); }, {.recompute_every = every});
        Pause const pause(s.tape);
        Bits out = s.bits(l);
        out.add("recorded", gradient(l, s.xs));
        BOOST_TEST(!s.tape.recording());
        return out;
    };
    BOOST_TEST(first_difference(run(0), run(3)) == "");
}

BOOST_AUTO_TEST_CASE(parameters_that_others_stand_for) {
    Simple s;
    auto const run = [&](Index every) {
        s.begin();
        auto const cell = [&](Var x, Var h) { return s.step(x, h); };
        ScanOptions const options{.recompute_every = every};
        Var const first = s.loss(cell, options);
        s.tape.replace(s.U, Var(0.5 * s.tape.lift(s.U)));
        Var const second = s.loss(cell, options);
        s.tape.replace(s.U, Var(sin(s.tape.lift(s.U))));
        return s.bits(Var(first + second));
    };
    BOOST_TEST(first_difference(run(0), run(3)) == "");
    s.begin();
    auto const cell = [&](Var x, Var h) {
        s.tape.replace(s.U, Var(0.5 * s.tape.lift(s.W)));
        return s.step(x, h);
    };
    BOOST_CHECK_EXCEPTION(s.loss(cell), TapeError, [](auto const& e) { return says(e, "replace it before the scan"); });
}

BOOST_AUTO_TEST_CASE(mechanisms_that_are_switched_between_the_passes) {
    Simple s;
    Var const l      = s.loss([&](Var x, Var h) { return s.step(x, h); });
    Bits const first = s.bits(l);
    for (int k = 0; k < 32; k += 5) {
        s.tape.mechanisms = mechanisms(k);
        BOOST_CHECK_NO_THROW(backward(l));
        BOOST_TEST(s.tape.mechanisms.hoist == mechanisms(k).hoist);
    }
}

BOOST_AUTO_TEST_CASE(sources_that_come_and_go) {
    Simple s;
    auto const run = [&](Index every) {
        s.begin();
        auto lasting    = std::make_shared<Random>(7);
        auto passing    = std::make_unique<Random>(8);
        int steps       = 0;
        auto const cell = [&s, &passing, lasting, n = &steps](Var x, Var h) -> Var {
            Random own(static_cast<std::uint64_t>(x.value<float>()(0, 0) * 1e6F));
            draws_from(own), draws_from(*lasting);
            double const of_own = own.uniform(), scale = lasting->uniform();
            if (++*n == 9) passing.reset();
            return s.step(x, h) * scale + of_own;
        };
        Bits out = s.bits(s.loss(cell, {.recompute_every = every}));
        out.add("a draw after it", s.tape.constant(lasting->uniform()));
        return out;
    };
    for (Index every : {1, 3}) BOOST_TEST(first_difference(run(0), run(every)) == "");
}

namespace {

/// The most that lay on the tape before a step, beyond what was there before the scan, in a forward and a backward pass.
std::size_t most_bytes(Params const& params, nn::LSTMCell const& lstm, std::vector<Index> const& lengths, bool reverse,
                       ScanOptions options) {
    static_cast<void>(params);
    Tape tape;
    Var const xs    = tape.input(numbers({400, lengths.size(), 8}, 1));
    auto const s    = lstm.zeros(tape, std::ssize(lengths));
    options.lengths = lengths, options.reverse = reverse;
    std::size_t const before = tape.arena().bytes_used();
    std::size_t most         = before;
    auto const cell          = [&](Var x, nn::LSTMCell::State v) {
        most = std::max(most, tape.arena().bytes_used());
        return lstm(x, v);
    };
    auto const loss = [](Index, Var y) -> Var { return sum(square(y)); };
    backward(
        scan_sum<decltype(cell) const&, decltype(loss) const&, nn::LSTMCell::State>(cell, xs, s, loss, options).loss);
    return most - before;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sequences_that_end_late_fit_as_well) {
    Params params(1);
    nn::LSTMCell const lstm(params, 8, 16);
    Random random(2);
    for (int n = 0; n < 20; ++n) {
        std::vector<Index> lengths(1 + random.below(8), 400);
        for (Index& l : lengths) l -= static_cast<Index>(random.below(398));
        bool const reverse    = n % 2 == 1;
        std::size_t const all = most_bytes(params, lstm, lengths, reverse, {});
        Bytes const memory{all / (4 + random.below(5))};
        RecomputePlan plan;
        std::size_t const taken = most_bytes(params, lstm, lengths, reverse, {.memory = memory, .plan = &plan});
        BOOST_TEST_INFO(all << " bytes, in " << memory.count << (reverse ? ", reversed" : ""));
        BOOST_TEST(taken <= memory.count);
        BOOST_TEST(plan.recomputes());
    }
}

BOOST_AUTO_TEST_CASE(steps_that_take_more_and_more_cannot_be_planned) {
    Params params(1);
    nn::GRUCell const gru(params, 4, 4);
    Tape tape;
    auto const next = [&](Index, std::span<Var const> before) -> Var {
        return before.empty() ? tape.zeros({2, 4}) : Var(mean(stack(before), 0));
    };
    auto const size = tape.size();
    BOOST_CHECK_EXCEPTION(
        unroll(tape, gru, 300, gru.zeros(tape, 2), next, {.memory = 300_kB}), ValueError,
        [](auto const& e) { return says(e, "what a step takes grows") && says(e, "recompute_every"); });
    BOOST_TEST(tape.size() <= size + 1);
    auto const run = [&](Index every) {
        tape.rewind();
        auto const r = unroll(tape, gru, 60, gru.zeros(tape, 2), next, {.recompute_every = every});
        return bits_of(tape, sum(square(r.state)), {}, params);
    };
    BOOST_TEST(first_difference(run(0), run(7)) == "");
}

BOOST_AUTO_TEST_CASE(a_scan_goes_with_its_nodes) {
    Simple s;
    auto const alive = std::make_shared<int>();
    auto const mark  = s.tape.mark();
    for (int n = 0; n < 5; ++n) {
        s.loss([&s, alive](Var x, Var h) { return s.step(x, h); });
        s.tape.rewind(mark);
        BOOST_TEST(alive.use_count() == 1);
    }
}

BOOST_AUTO_TEST_CASE(short_and_empty_scans) {
    for (std::size_t steps : {0u, 1u, 2u, 3u})
        for (std::size_t batch : {0u, 1u, 16u}) {
            Params params(3);
            nn::LSTMCell const lstm(params, 2, 3);
            auto const run = [&](ScanOptions options) {
                Tape tape;
                RecomputePlan plan;
                options.plan = &plan;
                Var const xs = tape.input(numbers({steps, batch, 2}, 1));
                auto const s = lstm.zeros(tape, static_cast<Index>(batch));
                auto const r = scan(lstm, xs, s, options);
                auto const l = scan_sum(
                    lstm, xs, s, [](Index, Var y) -> Var { return sum(y); }, options);
                if (options.recomputes()) BOOST_TEST(plan.steps == static_cast<Index>(steps));
                Var loss = sum(r.state.h) + l.loss + sum(l.state.c);
                for (Var const& y : r.outputs) loss = loss + sum(square(y));
                Bits out;
                out.add("loss", loss);
                if (steps == 0) return out;
                return bits_of(tape, loss, {xs}, params);
            };
            BOOST_TEST_INFO(steps << " steps of " << batch);
            Bits const plain = run({});
            if (batch != 1) BOOST_TEST(first_difference(plain, run({.recompute_every = 1})) == "");
            BOOST_TEST(first_difference(plain, run({.recompute_every = std::numeric_limits<Index>::max()})) == "");
            BOOST_TEST(first_difference(plain, run({.memory = Bytes{std::numeric_limits<std::size_t>::max()}})) == "");
        }
}

BOOST_AUTO_TEST_CASE(two_scans_over_one_sequence) {
    for (std::size_t batch : {16u, 32u}) {
        Params params(3);
        nn::GRUCell const a(params / "a", 3, 3), b(params / "b", 3, 3);
        auto const run = [&](Index one, Index other) {
            Tape tape;
            Var const xs = tape.input(numbers({30, batch, 3}, 1));
            auto const r = scan(a, xs, a.zeros(tape, static_cast<Index>(batch)), {.recompute_every = one});
            auto const q = scan(b, xs, r.state, {.reverse = true, .recompute_every = other});
            auto const p = scan(b, slice(stack(q.outputs), 0, 0, 20), q.state, {.recompute_every = one});
            return bits_of(tape, Var(sum(p.state) + sum(square(stack(r.outputs)))), {xs}, params);
        };
        Bits const plain = run(0, 0);
        for (auto [one, other] : {std::pair<Index, Index>{4, 0}, {0, 5}, {4, 5}, {1, 29}})
            BOOST_TEST(first_difference(plain, run(one, other)) == "");
    }
}

BOOST_AUTO_TEST_CASE(in_several_threads) {
    Params params(3);
    nn::GRUCell const gru(params, 3, 4);
    auto const run = [&](std::uint64_t seed, Index every) {
        Random random(seed);
        Tape tape;
        Var const xs = tape.input(numbers({40, 16, 3}, seed));
        auto const r = scan(gru, xs, gru.zeros(tape, 16),
                            {.noise = {.dropout = 0.3, .zoneout = 0.2, .random = &random}, .recompute_every = every});
        Bits out;
        Gradients const g = backward(sum(square(r.state)));
        out.add("xs", g[xs]);
        for (Param const* p : params.all()) out.add(p->path(), g[*p]);
        return out;
    };
    std::vector<Bits> found(4);
    std::vector<std::thread> threads;
    for (std::size_t k = 0; k < found.size(); ++k) threads.emplace_back([&, k] { found[k] = run(k + 1, 6); });
    for (auto& t : threads) t.join();
    for (std::size_t k = 0; k < found.size(); ++k) BOOST_TEST(first_difference(found[k], run(k + 1, 0)) == "");
}

BOOST_AUTO_TEST_SUITE_END()
