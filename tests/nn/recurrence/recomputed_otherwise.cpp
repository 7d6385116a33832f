// What a recomputed scan does beside giving the same: budgets, losses on the way, second derivatives, and what goes wrong.
#include <cmath>
#include <nn/cells.hpp>
#include <nn/recurrence/recomputed.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace recomputed;

namespace {

/// A recurrence of one's own over a sequence, whose steps are computed again by threes.
struct Simple {
    Params params{5};
    Param &W{params.uniform("W", {4, 4}, -1, 1)}, &U{params.uniform("U", {4, 4}, -1, 1)};
    Tape tape;
    Var xs, h0;

    Simple() { begin(); }
    void begin() {
        tape.rewind();
        xs = tape.input(numbers({20, 16, 4}, 1)), h0 = tape.input(numbers({16, 4}, 2));
    }
    Var step(Var x, Var h) const { return tanh(linear(x, W) + linear(h, U)); }
    template <class Cell> Var loss(Cell&& cell, ScanOptions const& options = {.recompute_every = 3}) {
        auto const r = scan<Cell, Var>(std::forward<Cell>(cell), xs, h0, options);
        return sum(square(stack(r.outputs)));
    }
    Bits bits(Var const& l) { return bits_of(tape, l, {xs, h0}, params); }
};

bool says(std::exception const& e, std::string_view part) {
    bool const found = std::string_view(e.what()).find(part) != std::string_view::npos;
    if (!found) BOOST_TEST_MESSAGE(e.what());
    return found;
}

double distance(std::vector<double> const& a, std::vector<double> const& b) {
    double d = 0, n = 0;
    for (std::size_t k = 0; k < a.size(); ++k) d += (a[k] - b[k]) * (a[k] - b[k]), n += b[k] * b[k];
    return std::sqrt(d / n);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recomputed_scans_otherwise)

BOOST_AUTO_TEST_CASE(the_code_of_the_guide) {
    Params params(1);
    nn::LSTMCell const lstm(params, 3, 4);
    Tape tape;
    Var const xs                = tape.input(numbers({120, 2, 3}, 1));
    nn::LSTMCell::State const s = lstm.zeros(tape, 2);

    auto const [hs, last] = scan(lstm, xs, s, {.memory = 64_MB});
    auto const by_hand    = scan(lstm, xs, s, {.recompute_every = 50});
    BOOST_TEST(xt::allclose(stack(hs).value<float>(), stack(by_hand.outputs).value<float>()));
    BOOST_TEST(xt::allclose(last.c.value<float>(), by_hand.state.c.value<float>()));
}

// The tape is looked at before each step, and the memory of the sweep behind it.
BOOST_AUTO_TEST_CASE(budgets_are_kept) {
    Random random(3);
    int recomputed = 0, refused = 0;
    for (int n = 0; n < 100; ++n) {
        Index const T = 20 + static_cast<Index>(random.below(300)), B = 1 + static_cast<Index>(random.below(24)),
                    H = 4 + static_cast<Index>(random.below(29));
        Params params(1);
        nn::LSTMCell const lstm(params, H, H);
        Tape tape;
        std::size_t before = 0, most = 0;
        auto const cell = [&](Var x, nn::LSTMCell::State s) {
            most = std::max(most, tape.arena().bytes_used());
            return lstm(x, s);
        };
        RecomputePlan plan;
        auto const train = [&](Bytes memory) {
            tape.rewind();
            Var const xs = tape.input(
                numbers({static_cast<std::size_t>(T), static_cast<std::size_t>(B), static_cast<std::size_t>(H)}, 1));
            nn::LSTMCell::State const s = lstm.zeros(tape, B);
            before = tape.arena().bytes_used(), most = 0;
            auto const loss = [](Index, Var y) -> Var { return sum(square(y)); };
            Var const l     = scan_sum<decltype(cell) const&, decltype(loss) const&, nn::LSTMCell::State>(
                              cell, xs, s, loss, {.memory = memory, .plan = &plan})
                              .loss;
            backward(l);
        };
        train(1_GB);
        std::size_t const all = most - before, step = all / static_cast<std::size_t>(T);
        Bytes const memory{static_cast<std::size_t>(static_cast<double>(all) * random.uniform(0.01, 0.9))};
        try {
            train(memory);
            ++recomputed;
            BOOST_TEST_INFO("T " << T << " B " << B << " H " << H << ": " << memory.count << " of " << all);
            BOOST_TEST(plan.bytes <= memory.count);
            BOOST_TEST(most - before + step <= memory.count);
        } catch (ValueError const& e) {
            ++refused;
            auto const at            = std::string_view(e.what()).find("needs ");
            std::size_t const enough = std::stoul(std::string(e.what()).substr(at + 6));
            BOOST_TEST(enough > memory.count);
            train(Bytes{enough});
            BOOST_TEST(plan.bytes <= enough);
        }
    }
    BOOST_TEST(recomputed > 30);
    BOOST_TEST(refused > 3);
}

BOOST_AUTO_TEST_CASE(losses_on_the_way) {
    Params params(3);
    nn::LSTMCell const lstm(params, 3, 5);
    xt::xarray<float> const data = numbers({50, 16, 3}, 1);
    auto const loss = [](Index t, Var y) -> Var { return (1.0 + static_cast<double>(t)) * mean(square(y)); };
    auto const run  = [&](Index every, bool asked) {
        Tape tape;
        ScanOptions const options{.recompute_every = every};
        Var const xs    = asked ? Var() : tape.input(data);
        auto const next = [&](Index t) -> Var { return tape.constant(xt::view(data, t)); };
        auto const r    = asked ? unroll_sum(tape, lstm, 50, lstm.zeros(tape, 16), next, loss, options)
                                 : scan_sum(lstm, xs, lstm.zeros(tape, 16), loss, options);
        return bits_of(tape, Var(r.loss + sum(r.state.c)), asked ? std::vector<Var>{} : std::vector<Var>{xs}, params);
    };
    for (bool asked : {false, true})
        for (Index every : {1, 7, 49}) BOOST_TEST(first_difference(run(0, asked), run(every, asked)) == "");
    Tape tape;
    Var const xs         = tape.input(data);
    auto const [hs, end] = scan(lstm, xs, lstm.zeros(tape, 16));
    Var all              = tape.constant(0);
    for (Index t = 0; t < 50; ++t) all = all + loss(t, hs[t]);
    BOOST_TEST(all.item() == scan_sum(lstm, xs, lstm.zeros(tape, 16), loss).loss.item(),
               boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(derivatives_of_derivatives) {
    Params params(3, float64);
    Mgu const cell(params, 3, 4);
    auto const run = [&](Index every, bool twice) {
        Tape tape(float64);
        Var const xs = tape.input(numbers({17, 16, 3}, 1)), h0 = tape.input(numbers({16, 4}, 2));
        auto const r       = scan(cell, xs, h0, {.recompute_every = every});
        Var const l        = sum(square(stack(r.outputs)) * tape.constant(numbers({17, 16, 4}, 3))) + sum(r.state);
        std::vector<Var> x = lifted(tape, params);
        x.push_back(xs), x.push_back(h0);
        std::vector<Var> const g = gradient(l, x);
        if (!twice) {
            Bits out;
            for (Var const& v : g) out.add("a gradient", v);
            return std::pair(out, std::vector<double>());
        }
        Var norm = tape.constant(0);
        for (Var const& v : g) norm = norm + sum(square(v));
        Gradients const second = backward(Var(norm + l));
        return std::pair(Bits(), second.flatten(params));
    };
    BOOST_TEST(first_difference(run(0, false).first, run(5, false).first) == "");
    BOOST_TEST(distance(run(5, true).second, run(0, true).second) < 1e-13);
}

BOOST_AUTO_TEST_CASE(gradients_agree_with_differences) {
    Params params(3, float64);
    Mgu const cell(params, 3, 4);
    auto const f = [&](Tape&, std::span<Var const> x) -> Var {
        auto const r = scan(cell, x[0], x[1], {.recompute_every = 3});
        return sum(square(stack(r.outputs))) + sum(r.state);
    };
    GradReport const report = gradcheck(f, {{"xs", numbers({7, 2, 3}, 1)}, {"h0", numbers({2, 4}, 2)}}, params);
    BOOST_TEST(report.passed(), report);
}

BOOST_AUTO_TEST_CASE(a_parameter_that_changed_meanwhile) {
    Simple s;
    Var const l                      = s.loss([&s](Var x, Var h) { return s.step(x, h); });
    s.U.mutable_value<float>()(0, 0) = 3;
    auto const size                  = s.tape.size();
    BOOST_CHECK_EXCEPTION(backward(l), TapeError, [](auto const& e) { return says(e, "parameter U has changed"); });
    BOOST_TEST(s.tape.size() == size);
}

BOOST_AUTO_TEST_CASE(a_throw_on_the_way_leaves_everything_as_it_was) {
    Simple s;
    int left        = 1000;
    auto const cell = [&](Var x, Var h) {
        if (--left == 0) throw std::runtime_error("enough");
        return s.step(x, h);
    };
    Random random(1);
    ScanOptions const options{.noise = {.zoneout = 0.2, .random = &random}, .recompute_every = 3};
    Bits const undisturbed = s.bits(s.loss(cell, options));
    random                 = Random(1);
    s.begin();
    Var const l      = s.loss(cell, options);
    auto const size  = s.tape.size();
    Random const now = random;
    for (int calls : {1, 2, 4, 9, 17}) {
        left = calls;
        BOOST_CHECK_THROW(backward(l), std::runtime_error);
        BOOST_TEST(s.tape.size() == size);
        BOOST_TEST((random == now));
    }
    left = 1000;
    BOOST_TEST(first_difference(undisturbed, s.bits(l)) == "");
    left = 5;
    s.begin();
    auto const before = s.tape.size();
    BOOST_CHECK_THROW(s.loss(cell, options), std::runtime_error);
    BOOST_TEST(s.tape.size() == before);
}

BOOST_AUTO_TEST_CASE(side_effects_happen_again_on_a_copy) {
    Simple s;
    int calls = 0;
    struct Counting {
        Simple const* s;
        int* calls;
        int own = 0;
        Var operator()(Var x, Var h) { return ++*calls, ++own, s->step(x, h); }
    } cell{&s, &calls};
    Var const l = s.loss(cell);
    BOOST_TEST(calls == 20);
    BOOST_TEST(cell.own == 20);
    backward(l);
    BOOST_TEST(calls == 40);
    BOOST_TEST(cell.own == 20);
}

BOOST_AUTO_TEST_CASE(a_cell_that_gives_something_else_is_found_out) {
    Simple s;
    double t      = 0;
    Var const l   = s.loss([&](Var x, Var h) -> Var { return s.step(x, h) + (t += 0.01); });
    auto const is = [](auto const& e) { return says(e, "gave another state when they were computed again"); };
    BOOST_CHECK_EXCEPTION(backward(l), TapeError, is);
    Random random(1);
    auto const secretly = [&](Var x, Var h) -> Var { return s.step(x, h) * random.uniform(); };
    BOOST_CHECK_EXCEPTION(backward(s.loss(secretly)), TapeError, is);
    auto const openly = [&](Var x, Var h) -> Var { return draws_from(random), s.step(x, h) * random.uniform(); };
    random            = Random(1);
    s.begin();
    Bits const plain = s.bits(s.loss(openly, {}));
    random           = Random(1);
    s.begin();
    BOOST_TEST(first_difference(plain, s.bits(s.loss(openly))) == "");
}

BOOST_AUTO_TEST_CASE(noise_inside_of_a_cell_is_drawn_again) {
    Simple s;
    auto const run = [&](Index every) {
        Random random(1);
        s.begin();
        auto const cell = [&](Var x, Var h) -> Var {
            Random own(7);  // which is gone when the step is over
            return dropout(s.step(x, h), 0.2, random) * dropout(x, 0.1, own);
        };
        return s.bits(s.loss(cell, {.recompute_every = every}));
    };
    BOOST_TEST(first_difference(run(0), run(3)) == "");
}

BOOST_AUTO_TEST_CASE(a_recorder_sees_the_first_pass) {
    Simple s;
    auto const cell = [&](Var x, Var h0) -> Var { return s.step(x, h0).named("gate") * 0.5; };
    auto const run  = [&](Index every) {
        s.begin();
        Recorder recorder;
        Var const l    = s.loss(cell, {.record = &recorder, .recompute_every = every});
        Var const gate = recorder.sequence("gate"), h = recorder.sequence("h");
        Bits out;
        out.add("gates", gate), out.add("states", h);
        BOOST_TEST(gate.requires_grad() == (every == 0));
        backward(l);
        out.add("states later", recorder.sequence("h"));
        return out;
    };
    BOOST_TEST(first_difference(run(0), run(3)) == "");
}

BOOST_AUTO_TEST_CASE(the_cell_may_be_gone) {
    Simple s;
    auto const recorded = [&] {
        double const factor = 0.5;
        auto const cell     = [&s, factor](Var x, Var h) -> Var { return factor * s.step(x, h); };
        return s.loss(cell);
    };
    Bits const after = s.bits(recorded());
    s.begin();
    BOOST_TEST(first_difference(after, s.bits(s.loss([&](Var x, Var h) -> Var { return 0.5 * s.step(x, h); }, {}))) ==
               "");
}

BOOST_AUTO_TEST_CASE(nothing_is_recorded_in_a_pause) {
    Simple s;
    auto const cell = [&](Var x, Var h) { return s.step(x, h); };
    Pause const pause(s.tape);
    auto const plain = scan<decltype(cell)&, Var>(cell, s.xs, s.h0, ScanOptions{});
    auto const size  = s.tape.size();
    auto const again = scan<decltype(cell)&, Var>(cell, s.xs, s.h0, ScanOptions{.recompute_every = 3});
    BOOST_TEST(s.tape.size() == size);
    Bits a, b;
    a.add("outputs", stack(plain.outputs)), b.add("outputs", stack(again.outputs));
    BOOST_TEST(first_difference(a, b) == "");
}

BOOST_AUTO_TEST_CASE(a_recomputed_scan_inside_of_another) {
    Simple s;
    auto const run = [&](Index every) {
        s.begin();
        auto const inner = [&](Var x, Var h) { return s.step(x, h); };
        auto const outer = [&](Var x, Var h) -> Var {
            Var const steps = stack({x, h, Var(x * h), Var(x + h), x});
            return scan<decltype(inner) const&, Var>(inner, steps, h, ScanOptions{.recompute_every = every ? 2 : 0})
                .state;
        };
        return s.bits(s.loss(outer, {.recompute_every = every}));
    };
    BOOST_TEST(first_difference(run(0), run(3)) == "");
}

BOOST_AUTO_TEST_CASE(layers_pass_their_options_on) {
    Params params(3);
    nn::Stacked<nn::GRUCell> const net(params, 3, 4, {.layers = 2, .bidirectional = true});
    auto const run = [&](Index every, Bytes memory) {
        Tape tape;
        Var const xs = tape.input(numbers({40, 16, 3}, 1));
        auto const r = net(xs, {.memory = memory, .recompute_every = every});
        return std::pair(bits_of(tape, Var(sum(square(r.outputs)) + sum(r.state)), {xs}, params), tape.size());
    };
    auto const plain = run(0, {});
    for (auto const& [bits, nodes] : {run(5, {}), run(0, 100_kB)}) {
        BOOST_TEST(first_difference(plain.first, bits) == "");
        BOOST_TEST(nodes < plain.second / 4);
    }
}

BOOST_AUTO_TEST_CASE(options_that_cannot_be) {
    Simple s;
    auto const cell = [&](Var x, Var h) { return s.step(x, h); };
    auto const size = s.tape.size();
    BOOST_CHECK_EXCEPTION(s.loss(cell, {.recompute_every = -1}), ValueError,
                          [](auto const& e) { return says(e, "recompute_every is -1"); });
    BOOST_CHECK_EXCEPTION(s.loss(cell, {.state_may_change = true, .recompute_every = 3}), ValueError,
                          [](auto const& e) { return says(e, "may change its shape"); });
    BOOST_CHECK_EXCEPTION(s.loss(cell, {.memory = 1_kB}), ValueError, [](auto const& e) { return says(e, "needs "); });
    BOOST_TEST(s.tape.size() == size);
}

BOOST_AUTO_TEST_SUITE_END()
