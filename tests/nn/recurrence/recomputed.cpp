// A scan whose steps are computed again gives what a plain one gives, to the last bit.
#include <cstring>
#include <nn/cells.hpp>
#include <nn/recurrence/recomputed.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace recomputed;

namespace {

/// Runs a network plainly and recomputed, and compares everything bit by bit.
template <class Net> void check(char const* what, Sizes const& sizes, Network const& how = {}) {
    for (Dtype dtype : {float32, float64})
        for (Index every : sizes.every) {
            Network again         = how;
            again.recompute_every = every;
            Net net(dtype, sizes);
            Bits const plain = net.run(how), recomputed = net.run(again);
            BOOST_TEST_INFO(what << ", " << text(dtype) << ", T " << sizes.T << ", B " << sizes.B << ", every "
                                 << every);
            BOOST_TEST(first_difference(plain, recomputed) == "");
        }
}

template <class Net> void check_all(char const* what) {
    for (Index batch : {1, 8, 32}) {
        Index const block = products_at_once(batch);
        Sizes const sizes{.T = 3 * block + 7, .B = batch, .every = {block, 2 * block}};
        check<Net>(what, sizes);
    }
    Sizes const sizes{.T = 23, .B = 8, .every = {4, 8, 12}};
    Network const plain;
    auto with = [&](auto change) {
        Network out = plain;
        change(out);
        return out;
    };
    std::vector<Index> const lengths{23, 4, 11, 0, 17, 23, 9, 1};
    check<Net>("lengths", sizes, with([&](Network& n) { n.lengths = lengths; }));
    check<Net>("a mask", sizes, with([](Network& n) { n.mask = true; }));
    check<Net>("in reverse", sizes, with([](Network& n) { n.reverse = true; }));
    check<Net>("in reverse, with lengths", sizes, with([&](Network& n) { n.reverse = true, n.lengths = lengths; }));
    check<Net>("detached", sizes, with([](Network& n) { n.detach_every = 5; }));
    check<Net>("detached between segments", sizes, with([](Network& n) { n.detach_every = 4; }));
    check<Net>("zoneout", sizes, with([](Network& n) { n.noise = {.zoneout = 0.2, .zoneout_memory = 0.1}; }));
    check<Net>("zoneout with one mask", sizes, with([](Network& n) { n.noise = {.zoneout = 0.2, .one_mask = true}; }));
    check<Net>("dropout", sizes, with([](Network& n) { n.noise = {.dropout = 0.3}; }));
    check<Net>("outputs that are not all read", sizes, with([](Network& n) { n.loss = Network::some; }));
    check<Net>("the last state alone", sizes, with([](Network& n) { n.loss = Network::last; }));
    for (int k = 0; k < 32; ++k)
        check<Net>("mechanisms", sizes, with([&](Network& n) { n.mechanisms = mechanisms(k); }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recomputed_scans)

BOOST_AUTO_TEST_CASE(mgu_to_the_last_bit) { check_all<NetOf<Mgu>>("mgu"); }
BOOST_AUTO_TEST_CASE(gru_to_the_last_bit) { check_all<NetOf<nn::GRUCell>>("gru"); }
BOOST_AUTO_TEST_CASE(lstm_to_the_last_bit) { check_all<NetOf<nn::LSTMCell>>("lstm"); }
BOOST_AUTO_TEST_CASE(attention_over_captured_vars_to_the_last_bit) { check_all<NetOf<Attending>>("attention"); }
BOOST_AUTO_TEST_CASE(a_nested_state_to_the_last_bit) { check_all<NetOf<Nested>>("nested"); }

BOOST_AUTO_TEST_CASE(outputs_that_are_fed_back) {
    Params params(3, float64);
    Mgu const cell(params, 4, 4);
    auto const run = [&](Index every, bool reverse) {
        Tape tape(float64);
        Var const h0 = tape.input(numbers({2, 4}, 1)), x0 = tape.input(numbers({2, 4}, 2));
        auto const next = [&](Index, std::span<Var const> ys) {
            if (ys.size() < 3) return x0;
            return reverse ? Var(ys[0] * ys[2] + x0) : Var(ys[ys.size() - 1] * ys[ys.size() - 3] + x0);
        };
        auto const [hs, h] = unroll(tape, cell, 20, h0, next, {.reverse = reverse, .recompute_every = every});
        return bits_of(tape, Var(sum(square(stack(hs))) + sum(h)), {h0, x0}, params);
    };
    for (bool reverse : {false, true})
        for (Index every : {2, 3, 7}) BOOST_TEST(first_difference(run(0, reverse), run(every, reverse)) == "");
}

BOOST_AUTO_TEST_CASE(few_states_are_kept_and_others_computed_again_and_again) {
    Params params(3);
    nn::LSTMCell const cell(params, 3, 5);
    xt::xarray<float> const xs = numbers({301, 16, 3}, 1);
    auto const run             = [&](Bytes memory, RecomputePlan& plan, int sweeps) {
        Tape tape;
        Var const x = tape.input(xs), s = tape.zeros({16, 5});
        auto const r = scan(cell, x, nn::LSTMCell::State{s, s}, {.memory = memory, .plan = &plan});
        Var const l  = sum(square(stack(r.outputs))) + sum(r.state.c);
        Bits out;
        for (int k = 0; k < sweeps; ++k) out = bits_of(tape, l, {x}, params);
        return out;
    };
    RecomputePlan plan;
    Bits const plain = run({}, plan, 1);
    double passes    = 1;
    run(Bytes{std::size_t{1} << 30}, plan, 1);
    BOOST_TEST(!plan.recomputes());
    BOOST_TEST(plan.passes() == 1);
    for (double bytes = 1e6; passes<4; bytes *= passes> 2 ? 0.985 : 0.9) {
        Bytes const memory{static_cast<std::size_t>(bytes)};
        BOOST_TEST_INFO(memory.count << " bytes, after " << passes << " passes");
        BOOST_TEST(first_difference(plain, run(memory, plan, 1)) == "");
        BOOST_TEST(plan.bytes <= memory.count);
        BOOST_TEST(plan.passes() >= passes);
        passes = plan.passes();
        if (passes > 2)  // the second sweep finds no states
            BOOST_TEST(first_difference(plain, run(memory, plan, 2)) == "");
    }
}

BOOST_AUTO_TEST_SUITE_END()
