// What a recomputed scan does beside giving the same: budgets, losses on the way, second derivatives.
#include <cmath>
#include <nn/cells.hpp>
#include <nn/recurrence/recomputed.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace recomputed;

namespace {

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

// A part of a batch is weighed by what its losses are the means of, also where those are computed again.
BOOST_AUTO_TEST_CASE(losses_on_the_way_of_parts_of_a_batch) {
    Params params(3, float64);
    nn::GRUCell const gru(params, 3, 5);
    xt::xarray<double> const data = numbers({20, 7, 3}, 1);
    auto const loss               = [](Index, Var y) -> Var { return mean(square(y)); };
    auto const run                = [&](Index parts, Index every) {
        Shards shards(parts, float64);
        auto const [l, gradients] = shards.run(7, [&](Tape& tape, Shard s) {
            Var const xs = tape.input(xt::view(data, xt::all(), xt::range(s.begin, s.end)));
            return scan_sum(gru, xs, gru.zeros(tape, s.size()), loss, {.recompute_every = every}).loss;
        });
        return gradients.flatten(params);
    };
    BOOST_TEST(distance(run(2, 5), run(1, 0)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(parts_of_a_batch_whose_steps_leave_something_out_have_no_weight) {
    Params params(3, float64);
    nn::GRUCell const gru(params, 3, 4);
    xt::xarray<double> const data = numbers({20, 5, 3}, 1);
    for (Index every : {0, 5}) {
        Shards shards(2, float64);
        auto const part = [&](Tape& tape, Shard s) {
            auto const loss = [s](Index t, Var y) {
                std::vector<Index> targets;
                for (Index b = s.begin; b < s.end; ++b) targets.push_back(b % 2 == 1 && t < 4 ? -100 : 0);
                return cross_entropy(y, targets);
            };
            Var const xs = tape.input(xt::view(data, xt::all(), xt::range(s.begin, s.end)));
            return scan_sum(gru, xs, gru.zeros(tape, s.size()), loss, {.recompute_every = every}).loss;
        };
        BOOST_CHECK_THROW(shards.run(5, part), ValueError);
    }
}

BOOST_AUTO_TEST_CASE(a_budget_holds_where_the_length_of_segments_is_given_as_well) {
    Params params(3);
    nn::LSTMCell const lstm(params, 3, 32);
    Tape tape;
    Var const xs = tape.input(numbers({2000, 1, 3}, 1));
    RecomputePlan plan;
    scan_sum(lstm, xs, lstm.zeros(tape, 1), [](Index, Var y) -> Var { return sum(y); },
             {.memory = 200_kB, .recompute_every = 2, .plan = &plan});
    BOOST_TEST(plan.bytes <= 200'000u);
}

BOOST_AUTO_TEST_CASE(a_loop_inside_of_a_scan_reads_what_the_scan_hoists) {
    Params params(3, float64);
    nn::GRUCell const gru(params, 3, 4);
    auto const run = [&](Index every) {
        Tape tape(float64);
        auto const cell = [&](Var x, Var h) {
            auto const same = [x](Index, std::span<Var const>) { return x; };
            return unroll(tape, gru, 5, h, same, {.recompute_every = every}).state;
        };
        auto const r = scan<decltype(cell) const&, Var>(cell, tape.input(numbers({20, 1, 3}, 1)), gru.zeros(tape, 1),
                                                        ScanOptions{});
        return backward(sum(r.state)).flatten(params);
    };
    BOOST_TEST(distance(run(2), run(0)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(derivatives_of_derivatives) {
    Params params(3, float64);
    Mgu const cell(params, 3, 4);
    auto const run = [&](Index every, bool twice) {
        Tape tape(float64);
        Var const xs = tape.input(numbers({17, 16, 3}, 1)), h0 = tape.input(numbers({16, 4}, 2));
        Var const made     = xs * sigmoid(slice(h0, 1, 0, 1));  // of another operand of the scan
        auto const r       = scan(cell, made, h0, {.recompute_every = every});
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

BOOST_AUTO_TEST_CASE(windows_take_the_options_of_scans) {
    Params params(3);
    nn::GRUCell const gru(params, 3, 4);
    xt::xarray<float> const data = numbers({30, 16, 3}, 1);
    auto const run               = [&](Index every) {
        Tape tape;
        Stateful<Var> state;
        std::vector<double> out;
        truncated_bptt(
                          tape, gru, 30, {10, 20}, state,
                          [&](Index a, Index b) { return tape.input(xt::view(data, xt::range(a, b))); },
                          [](std::span<Var const> ys, Index) -> Var { return sum(square(stack(ys))); },
                          [&](Gradients const& g, double) {
                for (double x : g.flatten(params)) out.push_back(x);
            },
                          {.recompute_every = every});
        return out;
    };
    BOOST_TEST((run(0) == run(3)));
}

BOOST_AUTO_TEST_CASE(a_picture_has_one_box_for_all_steps) {
    Params params(3);
    nn::GRUCell const gru(params, 3, 4);
    Tape tape;
    auto const [ys, h] =
        scan(gru, tape.input(numbers({50, 2, 3}, 1), "xs"), tape.zeros({2, 4}), {.recompute_every = 5});
    std::string const dot = Graph(Var(sum(h))).dot();
    BOOST_TEST((dot.find("50 steps, recomputed") != std::string::npos), dot);
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

BOOST_AUTO_TEST_SUITE_END()
