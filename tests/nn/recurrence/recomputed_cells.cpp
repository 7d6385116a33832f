// What goes wrong while steps are computed again, what a cell does beside computing, and what it may do inside.
#include <nn/cells.hpp>
#include <nn/recurrence/recomputed.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace recomputed;

BOOST_AUTO_TEST_SUITE(recomputed_cells)

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
    auto const is = [](auto const& e) { return says(e, "gave another state or output when they were computed again"); };
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

BOOST_AUTO_TEST_CASE(what_passes_through_as_it_is_has_its_gradient) {
    Simple s;
    struct Delayed {
        Var h, before;
    };
    auto const run = [&](Index every, bool alone) {
        s.begin();
        auto const echo  = [](Var x, Var) { return x; };
        auto const delay = [&](Var x, Delayed const& d) -> Delayed { return {s.step(d.before, d.h), x}; };
        ScanOptions const options{.recompute_every = every};
        Var const l = alone ? s.loss(echo, options)
                            : Var(sum(square(stack(
                                  scan<decltype(delay) const&, Delayed>(delay, s.xs, {s.h0, s.h0}, options).outputs))));
        Bits out    = s.bits(l);
        out.add("recorded", gradient(l, s.xs));
        return out;
    };
    for (bool alone : {true, false})
        for (Index every : {1, 3}) BOOST_TEST(first_difference(run(0, alone), run(every, alone)) == "");
}

BOOST_AUTO_TEST_CASE(a_parameter_that_only_later_steps_read) {
    Simple s;
    struct Counted {
        Var h;
        int steps = 0;
    };
    auto const run = [&](Index every) {
        s.begin();
        auto const cell = [&](Var x, Counted const& c) -> Counted {
            return {c.steps < 4 ? Var(tanh(linear(x, s.W) + c.h)) : s.step(x, c.h), c.steps + 1};
        };
        auto const r = scan<decltype(cell) const&, Counted>(cell, s.xs, {s.h0}, ScanOptions{.recompute_every = every});
        Bits out;
        out.add("of U", gradient(sum(r.state.h), s.tape.lift(s.U)));
        return out;
    };
    BOOST_TEST(first_difference(run(0), run(3)) == "");
}

BOOST_AUTO_TEST_CASE(a_recorder_sees_steps_that_stay) {
    Simple s;
    Recorder recorder;
    s.loss([&](Var x, Var h) { return s.step(x, h); }, {.record = &recorder, .memory = 1_GB});
    BOOST_TEST(recorder.steps("h").size() == 20u);
    BOOST_TEST(recorder.sequence("h").requires_grad());
}

BOOST_AUTO_TEST_CASE(sources_of_randomness_that_are_gone) {
    Simple s;
    auto const cell = [&](Var x, Var h) { return s.step(x, h); };
    auto const run  = [&](Index every, bool goes) {
        s.begin();
        auto random = std::make_unique<Random>(1);
        StateNoise const noise{.dropout = 0.3, .zoneout = 0.2, .random = random.get()};
        Var const l = s.loss(cell, {.noise = noise, .recompute_every = every});
        if (goes) random.reset();
        return s.bits(l);
    };
    for (bool goes : {false, true}) BOOST_TEST(first_difference(run(0, false), run(3, goes)) == "");
    auto random        = std::make_unique<Random>(1);
    auto const drawing = [&](Var x, Var h) -> Var { return dropout(s.step(x, h), 0.2, *random); };
    Var const l        = s.loss(drawing);
    random.reset();
    BOOST_CHECK_EXCEPTION(backward(l), TapeError, [](auto const& e) {
        return says(e, "a source of randomness that the steps of a scan drew from is gone");
    });
}

BOOST_AUTO_TEST_CASE(an_output_that_no_state_depends_on_is_compared) {
    Simple s;
    struct Read {
        Var y, h;
    };
    int calls       = 0;
    auto const cell = [&](Var x, Read const& r) -> Read {
        Var const h = s.step(x, r.h);
        return {Var(h * (++calls > 20 && calls % 3 == 1 ? 5 : 1)), h};
    };
    auto const r = scan<decltype(cell) const&, Read>(cell, s.xs, {s.h0, s.h0}, ScanOptions{.recompute_every = 3});
    BOOST_CHECK_EXCEPTION(backward(sum(stack(r.outputs))), TapeError,
                          [](auto const& e) { return says(e, "another state or output"); });
}

BOOST_AUTO_TEST_CASE(single_sequences_are_not_told_apart) {
    Simple s;
    Var const l = s.loss([&](Var x, Var h) { return s.step(x, h); });
    BOOST_CHECK_EXCEPTION(PerSequence(l, 16), TypeError,
                          [](auto const& e) { return says(e, "let this scan keep them"); });
    BOOST_TEST(s.tape.size() > 0);
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
