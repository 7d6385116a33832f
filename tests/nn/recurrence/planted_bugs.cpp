// Mistakes planted in a custom LSTM of fifty steps: the gradient check names the line, the step, the operation and the
// operand of each.
#include <boost/test/unit_test.hpp>
#include <map>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

enum class Bug {
    none,
    negated,
    factor,
    slightly,
    turned,
    swapped,
    forgotten,
    one_step,
    one_operand,
    bias_row,
    one_element,
    state,
    squared,
    lost
};
using enum Bug;

constexpr Index steps = 50, wrong_step = 37;

// ---- operations, each of which has its mistake ----

template <Bug B> struct Squash {
    static constexpr auto name = "squash";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return B == negated ? y * y - V(1) : V(1) - y * y; }
};
template <Bug B> struct Gate {
    static constexpr auto name = "gate";
    template <class V> static V f(V x) { return Sigmoid::f(x); }
    template <class V> static V df(V x, V y) { return B == factor ? y : Sigmoid::df(x, y); }
};
template <Bug B> struct Shown {
    static constexpr auto name = "shown";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return (B == slightly ? V(1) - V(1) / V(1000) : V(1)) * (V(1) - y * y); }
};
template <Bug B> struct Keep {
    static constexpr auto name = "keep";
    template <class V> static V f(V a, V b) { return a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return B == swapped ? Pair<V>{a, b} : Pair<V>{b, a}; }
};
template <Bug B> struct Enter {  // a b + a
    static constexpr auto name = "enter";
    template <class V> static V f(V a, V b) { return a * b + a; }
    template <class V> static Pair<V> df(V a, V b, V) { return {B == forgotten ? b : b + V(1), a}; }
};

/// x Wᵀ
template <Bug B> struct Times {
    static constexpr auto name           = "times";
    static constexpr Signature signature = "[m,k] [n,k] -> [m,n]";
    template <Real T> void f(Array<T> y, Array<T const> x, Array<T const> w) const {
        multiply<T>(y, {x, transposed(w)}, WriteMode::assign);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x, Array<T const> w) const {
        auto const dx = [=] { return Product<T>{g, w}; };
        auto const dw = [=] { return B == turned ? Product<T>{transposed(x), g} : Product<T>{transposed(g), x}; };
        return std::tuple{dx, dw};
    }
};
template <Bug B> struct Shift {
    static constexpr auto name           = "shift";
    static constexpr Signature signature = "[m,n] [n] -> [m,n]";
    template <Real T> void f(Array<T> y, Array<T const> x, Array<T const> b) const {
        copy<T>(y, x);
        copy<T>(y, {b.data, y.shape, {0, b.strides[0]}}, WriteMode::add);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>, Array<T const>) const {
        auto const db = [=](Array<T> to) {
            for (Index row = 0; row < (B == bias_row ? 1 : g.shape[0]); ++row) copy<T>(to, at(g, row), WriteMode::add);
        };
        return std::tuple{[=] { return g; }, db};
    }
};
/// x times a number
template <Real T> void add_scaled(Array<T> to, Array<T const> g, T s) {
    each_index(g.shape, [&](Index const* at) {
        to.data[at[0] * to.strides[0] + at[1] * to.strides[1]] +=
            s * g.data[at[0] * g.strides[0] + at[1] * g.strides[1]];
    });
}
/// The identity of a matrix, at a time step.
template <Bug B> struct Pass {
    Index step;

    static constexpr auto name           = "pass";
    static constexpr Signature signature = "[m,n] -> [m,n]";
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, at = step](Array<T> dx) {
            bool const wrong = B == one_step && at == wrong_step;
            add_scaled<T>(dx, g, wrong ? T(1.5) : T(1));
            if (B == one_element) dx.data[2] += T(0.01) * g.data[2];
            if (B == squared)
                each_index(g.shape, [&](Index const* i) {
                    T const v = g.data[i[0] * g.strides[0] + i[1] * g.strides[1]];
                    dx.data[i[0] * dx.strides[0] + i[1] * dx.strides[1]] += v * v - v;
                });
        }};
    }
};
/// What goes to the next step, and nowhere else.
template <Bug B> struct Carry {
    static constexpr auto name           = "carry";
    static constexpr Signature signature = "[m,n] -> [m,n]";
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=](Array<T> dx) { add_scaled<T>(dx, g, B == state ? T(1.01) : T(1)); }};
    }
};
/// (a + 2b) / 2
template <Bug B> struct Mix {
    static constexpr auto name           = "mix";
    static constexpr Signature signature = "[m,n] [m,n] -> [m,n]";
    template <Real T> void f(Array<T> y, Array<T const> a, Array<T const> b) const {
        copy<T>(y, b);
        add_scaled<T>(y, a, T(0.5));
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>, Array<T const>) const {
        return std::tuple{[=](Array<T> da) { add_scaled<T>(da, g, T(0.5)); },
                          [=](Array<T> db) {
                              add_scaled<T>(db, g, B == one_operand ? T(0.9) : B == lost ? T(0) : T(1));
                          }};
    }
};

// ---- the cell ----

template <Bug... B> constexpr bool has(Bug b) { return ((B == b) || ...); }
template <Bug Wanted, Bug... B> inline constexpr Bug only = has<B...>(Wanted) ? Wanted : none;

/// The lines of the statements, as they were compiled.
std::map<std::string, unsigned> line_of;
void next_is(char const* name, Where here = Where::here()) { line_of[name] = here.line + 1; }

template <Bug... B> struct PlantedLstm {
    using PassHere = Pass<has<B...>(squared) ? squared : has<B...>(one_element) ? one_element : only<one_step, B...>>;
    using MixHere  = Mix<has<B...>(lost) ? lost : only<one_operand, B...>>;

    struct State {
        Var h, c;
    };
    Param &W, &R, &U, &b;
    mutable Index calls = 0;

    PlantedLstm(Params p, Index in, Index hidden)
        : W(p.uniform("W", {4 * hidden, in}, -1, 1))
        , R(p.uniform("R", {hidden, hidden}, -1, 1))
        , U(p.uniform("U", {4 * hidden, hidden}, -1, 1))
        , b(p.uniform("b", {4 * hidden}, -1, 1)) {}

    State operator()(Var x, State s) const {
        Index const t = calls++ % steps;
        next_is("r");
        Var r = call(Times<only<turned, B...>>{}, Where::here(), s.h, R);
        Var a = linear(x, W) + linear(r, U);
        next_is("z");
        Var z                 = call(Shift<only<bias_row, B...>>{}, Where::here(), a, b);
        auto [zi, zf, zg, zo] = split<4>(z);
        next_is("i");
        Var i = apply<Gate<only<factor, B...>>>(zi);
        Var f = sigmoid(zf);
        next_is("g");
        Var g = apply<Squash<only<negated, B...>>>(zg);
        next_is("kept");
        Var kept = apply<Keep<only<swapped, B...>>>(f, s.c);
        next_is("fresh");
        Var fresh = apply<Enter<only<forgotten, B...>>>(i, g);
        next_is("m");
        Var m = call(MixHere{}, Where::here(), kept, fresh);
        next_is("c");
        Var c = call(PassHere{t}, Where::here(), m);
        next_is("h");
        Var h = sigmoid(zo) * apply<Shown<only<slightly, B...>>>(c);
        next_is("carried");
        Var carried = call(Carry<only<state, B...>>{}, Where::here(), c);
        return {h, carried};
    }
    State zeros(Tape& tape, Index batch) const {
        Var const zero = tape.constant(xt::zeros<double>({batch, R.shape()[0]}));
        return {zero, zero};
    }
};

template <Bug... B> GradReport check() {
    Params params(7);
    PlantedLstm<B...> const lstm(params / "lstm", 3, 4);
    CellcheckOptions options;
    options.in = 3, options.steps = steps;
    return gradcheck(lstm, params, options);
}

struct Expected {
    std::string line, op, formula, operand;
    std::size_t number = 0;
    Index step = 0, nodes = steps;
    std::string at = "";
};

void compare(GradReport::Culprit const& c, Expected const& e) {
    BOOST_TEST_CONTEXT(text(c.site)) {
        BOOST_TEST(c.site.where.line == line_of.at(e.line));
        BOOST_TEST(std::string(c.site.where.file).ends_with("planted_bugs.cpp"));
        BOOST_TEST(c.site.name == e.line);
        BOOST_TEST(c.site.op == e.op);
        BOOST_TEST(c.site.formula == e.formula);
        BOOST_TEST(c.site.step == e.step);
        BOOST_TEST(c.operand == e.number);
        BOOST_TEST(c.by == e.operand);
        BOOST_TEST(c.nodes == e.nodes);
        if (!e.at.empty()) BOOST_TEST(c.at == e.at);
        BOOST_TEST(std::abs(c.backward - c.numeric) > 1e-5 * std::abs(c.numeric));
    }
}

template <Bug... B> GradReport finds(std::vector<Expected> const& expected) {
    GradReport const r = check<B...>();
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.culprits.size() == expected.size(), r);
    for (std::size_t i = 0; i < std::min(expected.size(), r.culprits.size()); ++i) compare(r.culprits[i], expected[i]);
    return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(planted_bugs)

BOOST_AUTO_TEST_CASE(without_a_mistake_it_passes_to_nine_digits) {
    GradReport const r = check<none>();
    BOOST_TEST(r);
    BOOST_TEST(r.worst_error() < 1e-8);
    BOOST_TEST(r.culprits.empty());
    BOOST_TEST(r.checked() == steps * 2 * 3 + 2 * 8 + 48 + 16 + 64 + 16);
    BOOST_TEST_MESSAGE(r);
}

BOOST_AUTO_TEST_CASE(a_wrong_sign) { finds<negated>({{"g", "squash", "squash(zg)", "zg"}}); }
BOOST_AUTO_TEST_CASE(a_missing_factor) { finds<factor>({{"i", "gate", "gate(zi)", "zi"}}); }
BOOST_AUTO_TEST_CASE(a_factor_of_0_999_within_a_larger_formula) {
    finds<slightly>({{"h", "*", "sigmoid(zo) * shown(c)", "c", 1}});
}
BOOST_AUTO_TEST_CASE(a_transposed_product) { finds<turned>({{"r", "times", "times(h0, lstm.R)", "lstm.R", 1}}); }
BOOST_AUTO_TEST_CASE(swapped_operands) {
    finds<swapped>({{"kept", "keep", "keep(f, c0)", "f", 0}, {"kept", "keep", "keep(f, c0)", "c0", 1}});
}
BOOST_AUTO_TEST_CASE(a_forgotten_term) { finds<forgotten>({{"fresh", "enter", "enter(i, g)", "i", 0}}); }
BOOST_AUTO_TEST_CASE(a_mistake_at_one_time_step) { finds<one_step>({{"c", "pass", "pass(m)", "m", 0, wrong_step, 1}}); }
BOOST_AUTO_TEST_CASE(a_wrong_rule_for_one_operand) {
    finds<one_operand>({{"m", "mix", "mix(kept, fresh)", "fresh", 1}});
}
BOOST_AUTO_TEST_CASE(a_gradient_that_is_lost) { finds<lost>({{"m", "mix", "mix(kept, fresh)", "fresh", 1}}); }
BOOST_AUTO_TEST_CASE(a_wrong_sum_over_what_was_broadcast) {
    finds<bias_row>({{"z", "shift", "shift(a, lstm.b)", "lstm.b", 1}});
}
BOOST_AUTO_TEST_CASE(a_mistake_in_one_element) {
    finds<one_element>({{"c", "pass", "pass(m)", "m", 0, 0, steps, "[0,2]"}});
}
BOOST_AUTO_TEST_CASE(a_mistake_that_matters_through_the_state_alone) {
    finds<state>({{"carried", "carry", "carry(c)", "c"}});
}
BOOST_AUTO_TEST_CASE(a_rule_that_is_not_linear) { finds<squared>({{"c", "pass", "pass(m)", "m"}}); }

BOOST_AUTO_TEST_CASE(several_at_once_are_all_found) {
    GradReport const r     = finds<negated, one_step, bias_row, state>({{"z", "shift", "shift(a, lstm.b)", "lstm.b", 1},
                                                                        {"g", "squash", "squash(zg)", "zg"},
                                                                        {"carried", "carry", "carry(c)", "c"},
                                                                        {"c", "pass", "pass(m)", "m", 0, wrong_step, 1}});
    std::string const said = text(r);
    BOOST_TEST(said.find("g = squash(zg)    planted_bugs.cpp:" + std::to_string(line_of["g"]) + ", time step 0") !=
                   std::string::npos,
               said);
    BOOST_TEST(said.find("and 49 more nodes of this line, up to time step 49") != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(the_picture_shows_the_culprit_in_red_in_its_time_step) {
    GradReport const r    = check<one_step>();
    std::string const dot = r.graph().dot();
    std::size_t const red = dot.find("#d01010"), cluster = dot.rfind("subgraph", red);
    BOOST_REQUIRE(red != std::string::npos);
    BOOST_TEST(dot.find("#d01010", red + 1) == std::string::npos);
    BOOST_TEST(dot.substr(cluster, dot.find('\n', dot.find("label", cluster)) - cluster).find("t = 37") !=
                   std::string::npos,
               dot.substr(cluster, 200));
    BOOST_TEST(dot.substr(red, dot.find('\n', red) - red).find("pass(m)") != std::string::npos);
    BOOST_TEST(check<none>().graph().dot().find("#d01010") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
