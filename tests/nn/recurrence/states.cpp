// States of every form, and scans of several inputs and of arbitrary steps.
#include <map>
#include <nn/cells.hpp>
#include <optional>
#include <tuple>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

struct Two {
    Var h, c;
};
struct Nested {
    Two lower, upper;
};
struct Listed {
    std::array<Var, 2> hs;
    Var m;
};
struct Derived : Two {};
struct Wrapped {
    Two inner;
};
struct Mixed {
    Var n, C;
    int steps;
    bool warm;
};
struct Six {
    Var h, c, n, m, C, z;
};
struct NoVar {
    int a;
    double b;
};

/// A state with a member that is no array of Vars.
template <class M> struct With {
    Var h;
    M member;
};

/// A leaky unit that remembers all of its states.
struct Remembering {
    using State = With<std::vector<Var>>;
    State operator()(Var x, State s) const {
        Var const h = 0.5 * s.h + x;
        s.member.push_back(h);
        return {h, s.member};
    }
};

template <class S> std::string named() {
    std::string out;
    for (std::string const& name : states::names<S>()) out += (out.empty() ? "" : " ") + name;
    return out;
}

// Two leaky units over one another, each with a trace; the upper sees the lower's output.
struct Storeys {
    using State = Nested;
    Param &a, &b;
    explicit Storeys(Params p) : a(p.normal("a", {3}, 0, 1)), b(p.normal("b", {3}, 0, 1)) {}
    Nested zeros(Tape& t, Index batch) const {
        Var const z = t.zeros({batch, 3});
        return {{z, z}, {z, z}};
    }
    static Two unit(Var x, Two s, Param const& rate) {
        Var h = sigmoid(rate) * s.h + (1 - sigmoid(rate)) * tanh(x + s.c);
        Var c = 0.5 * s.c + x * h;
        return {h, c};
    }
    Nested operator()(Var x, Nested s) const {
        Two const lower = unit(x, s.lower, a);
        return {lower, unit(lower.h, s.upper, b)};
    }
};

struct Counter {
    using State = Mixed;
    Param& a;
    explicit Counter(Params p) : a(p.normal("a", {3}, 0, 1)) {}
    Mixed zeros(Tape& t, Index batch) const { return {t.zeros({batch, 3}), t.zeros({batch, 3}), 7, true}; }
    Mixed operator()(Var x, Mixed s) const {
        Var n = tanh(a * x + s.n);
        Var C = sigmoid(a) * s.C + n;
        return {n, C, s.steps + 1, s.warm};
    }
};

// h' = h + dt (tanh(x) − h), as a cell of two inputs, and as one that takes them in a struct.
struct Timed {
    using State = Var;
    Var operator()(Var x, Var dt, Var h0) const { return h0 + dt * (tanh(x) - h0); }
};
struct Inputs {
    Var x, dt;
};
struct TimedByStruct {
    using State = Var;
    Var operator()(Inputs in, Var h0) const { return h0 + in.dt * (tanh(in.x) - h0); }
};
struct Clocked {
    using State = Var;
    Var operator()(Var x, Var h0, Index t) const { return t % 2 ? h0 : Var(h0 + x * static_cast<double>(t)); }
};
struct Growing {
    using State = Var;
    Var operator()(Var x, Var h0) const { return concat({h0, x}, -1); }
};

struct Fixture {
    Params params{3, float64};
    Tape tape{float64};
    Var xs = tape.input(numbers({6, 2, 3}, 1), "xs"), ts = tape.input(numbers({6, 2, 1}, 2), "ts");
    Var h0 = tape.input(numbers({2, 3}, 3), "h0");
};

bool same(Var const& a, Var const& b) { return a.value<double>() == b.value<double>(); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(states_of_any_form, Fixture)

BOOST_AUTO_TEST_CASE(are_counted_and_called_by_their_names) {
    BOOST_TEST(named<Var>() == "h");
    BOOST_TEST(named<Two>() == "h c");
    BOOST_TEST(states::size<Nested>() == 4u);
    BOOST_TEST(states::size<Listed>() == 3u);
    BOOST_TEST(states::size<Derived>() == 2u);
    BOOST_TEST(states::size<Mixed>() == 2u);
    BOOST_TEST(states::size<Six>() == 6u);
    BOOST_TEST((states::size<std::array<Var, 5>>() == 5u));
    BOOST_TEST(states::size<NoVar>() == 0u);
    BOOST_TEST(states::size<int>() == 0u);
    BOOST_TEST(named<Six>() == "h c n m C z");
    BOOST_TEST(named<Mixed>() == "n C");
#ifndef __clang__  // of names of several letters, clang 14 tells no more than a few
    BOOST_TEST(named<Nested>() == "lower.h lower.c upper.h upper.c");
    BOOST_TEST(named<Listed>() == "hs0 hs1 m");
#endif
}

BOOST_AUTO_TEST_CASE(give_out_the_last_h) {
    Two const a{xs, ts}, b{h0, ts};
    BOOST_TEST(same(output_of(Nested{a, b}), h0));
    BOOST_TEST(same(output_of(std::array<Var, 2>{h0, xs}), h0));
}

BOOST_AUTO_TEST_CASE(nested_ones_are_their_parts) {
    Storeys const cell(params);
    auto const run = scan(cell, xs, cell.zeros(tape, 2));
    Nested s       = cell.zeros(tape, 2);
    for (Index t = 0; t < 6; ++t) s = cell(xs[t], s);
    BOOST_TEST(same(run.state.upper.h, s.upper.h));
    BOOST_TEST(same(run.outputs[5], s.upper.h));
    BOOST_TEST(gradcheck(cell, params, {.in = 3}));
}

BOOST_AUTO_TEST_CASE(nested_ones_are_masked_detached_and_recorded) {
    Storeys const cell(params);
    Index const lengths[] = {6, 2};
    Recorder recorder;
    auto const run = scan(cell, xs, cell.zeros(tape, 2), {.lengths = lengths, .detach_every = 2, .record = &recorder});
    Nested s       = cell.zeros(tape, 2);
    for (Index t = 0; t < 2; ++t) s = cell(xs[t], s);
    BOOST_TEST(same(run.state.upper.c[1], s.upper.c[1]));
    auto const names = recorder.names();
    BOOST_TEST((std::find(names.begin(), names.end(), states::names<Nested>()[3]) != names.end()));
}

BOOST_AUTO_TEST_CASE(carry_what_is_no_array) {
    Counter const cell(params);
    auto const run = scan(cell, xs, cell.zeros(tape, 2));
    BOOST_TEST(run.state.steps == 13);
    BOOST_TEST(run.state.warm);
    BOOST_TEST(gradcheck(cell, params, {.in = 3}));
}

template <class M> constexpr bool may_be_masked = states::StateOfVars<With<M>>;

// How many Vars there are in a list is known at run time, so that masks do not reach them.
BOOST_AUTO_TEST_CASE(with_lists_of_vars_are_carried_but_not_masked) {
    static_assert(may_be_masked<int> && may_be_masked<std::string> && may_be_masked<std::vector<double>> &&
                  may_be_masked<std::optional<int>> && may_be_masked<std::array<Two, 2>> && may_be_masked<With<Two>>);
    static_assert(!may_be_masked<std::vector<Var>> && !may_be_masked<std::optional<Var>> &&
                  !may_be_masked<std::tuple<Var, int>> && !may_be_masked<std::map<int, Two>>);
    static_assert(!may_be_masked<std::vector<Mixed>> && !may_be_masked<std::vector<std::vector<Nested>>> &&
                  !may_be_masked<std::array<std::vector<Var>, 2>> && !may_be_masked<With<std::vector<Var>>>);
    Remembering const cell;
    auto const run = scan(cell, xs, Remembering::State{tape.zeros({2, 3}), {}});
    BOOST_TEST(run.state.member.size() == 6u);
    BOOST_TEST(same(run.state.member[2], run.outputs[2]));
    Index const lengths[] = {6, 2};
    ScanOptions const shorter{.lengths = lengths}, truncated{.detach_every = 2};
    for (ScanOptions const& options : {shorter, truncated})
        BOOST_TEST(has(message<ValueError>([&] {
                           scan(cell, xs, Remembering::State{tape.zeros({2, 3}), {}}, options);
                       }),
                       "without lists of Vars"));
}

BOOST_AUTO_TEST_CASE(that_change_their_shape_are_an_error) {
    try {
        scan(Growing{}, xs, h0);
        BOOST_ERROR("a state that grows was accepted");
    } catch (ShapeError const& e) {
        std::string const what = e.what();
        BOOST_TEST(what.find("step 0: h of the state was [2,3] and is [2,6]") != std::string::npos, what);
    }
    auto const run = scan(Growing{}, xs, h0, {.state_may_change = true});
    BOOST_TEST(run.state.shape() == (Shape{2, 21}));
}

BOOST_AUTO_TEST_CASE(of_zeros_have_a_size_for_each_part_or_one_for_all) {
    Nested const n = states::zeros<Nested>(tape, 2, {{3}, {4, 5}, {}, {1}});
    BOOST_TEST(n.lower.h.shape() == (Shape{2, 3}));
    BOOST_TEST(n.lower.c.shape() == (Shape{2, 4, 5}));
    BOOST_TEST(n.upper.h.shape() == (Shape{2}));
    BOOST_TEST(n.upper.c.shape() == (Shape{2, 1}));
    Mixed const m = states::zeros<Mixed>(tape, 2, {{3}});
    BOOST_TEST((m.steps == 0 && !m.warm));
    for (Var const& part : states::parts(m)) BOOST_TEST(same(part, tape.zeros({2, 3})));
    auto const said = message<ShapeError>([&] { states::zeros<Nested>(tape, 2, {{3}, {4}}); });
    BOOST_TEST(has(said, "states.cpp:"));
    BOOST_TEST(has(said, "zeros wants a size for each of the 4 parts of the state, or one for all, but has 2"));
}

BOOST_AUTO_TEST_CASE(may_be_broadcast_by_the_first_step) {
    auto const run = scan(Timed{}, std::tuple(xs, ts), tape.constant(xt::xarray<double>(xt::zeros<double>({1, 3}))));
    BOOST_TEST(run.state.shape() == (Shape{2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(scans_of_several_inputs, Fixture)

BOOST_AUTO_TEST_CASE(take_them_in_a_tuple_or_a_struct) {
    Var h = h0;
    for (Index t = 0; t < 6; ++t) h = Timed{}(xs[t], ts[t], h);
    BOOST_TEST(same(scan(Timed{}, std::tuple(xs, ts), h0).state, h));
    BOOST_TEST(same(scan(TimedByStruct{}, Inputs{xs, ts}, h0).state, h));
}

BOOST_AUTO_TEST_CASE(want_them_of_one_length) {
    Var const shorter = slice(ts, 0, 0, 5);
    BOOST_CHECK_EXCEPTION(scan(Timed{}, std::tuple(xs, shorter), h0), ShapeError, [](ShapeError const& e) {
        return std::string(e.what()).find("xs has 6 steps and") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(tell_the_step_to_who_wants_it) {
    Var h = h0;
    for (Index t = 0; t < 6; t += 2) h = h + xs[t] * static_cast<double>(t);
    BOOST_TEST(same(scan(Clocked{}, xs, h0).state, h));
}

BOOST_AUTO_TEST_CASE(keep_the_state_where_the_mask_is_0) {
    Var const mask = tape.constant(xt::xarray<double>{{1, 0}, {0, 1}, {0, 0}, {1, 1}, {1, 0}, {0, 1}});
    for (bool reverse : {false, true}) {
        auto const run = scan(Timed{}, std::tuple(xs, ts), h0, {.mask = mask, .reverse = reverse});
        for (Index b = 0; b < 2; ++b) {
            Var h = h0[b];
            for (Index k = 0; k < 6; ++k) {
                Index const t    = reverse ? 5 - k : k;
                bool const there = mask[t][b].item() != 0;
                if (there) h = Timed{}(xs[t][b], ts[t][b], h);
                Var const out = there ? h : tape.zeros({3});
                BOOST_TEST(same(run.outputs[static_cast<std::size_t>(t)][b], out));
            }
            BOOST_TEST(same(run.state[b], h));
        }
    }
}

BOOST_AUTO_TEST_CASE(know_lengths_as_masks) {
    Index const lengths[] = {4, 6};
    Var const mask        = tape.constant(xt::xarray<double>{{1, 1}, {1, 1}, {1, 1}, {1, 1}, {0, 1}, {0, 1}});
    auto const a          = scan(Timed{}, std::tuple(xs, ts), h0, {.lengths = lengths}),
               b          = scan(Timed{}, std::tuple(xs, ts), h0, {.mask = mask});
    BOOST_TEST(same(a.state, b.state));
    BOOST_TEST(same(stack(a.outputs), stack(b.outputs)));
    BOOST_CHECK_THROW(scan(Timed{}, std::tuple(xs, ts), h0, {.mask = ts}), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
