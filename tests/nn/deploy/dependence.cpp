// What a step depends on beside its operands is computed at each step, or refused.
#include <boost/test/unit_test.hpp>
#include <cells/clockwork.hpp>
#include <nn/files/scratch.hpp>

using namespace unspool;

namespace {

struct OfOne {
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
};

// ---- detached values, which are computed at each step ----

/// Its reset is detached, as in surrogate training, and rare.
struct Spiking : OfOne {
    Var operator()(Var x, Var h) const {
        Var fired = h > 5;
        return h * (1 - fired.detach()) + x;
    }
};
/// All of it is, and a part of what is detached is taken.
struct Detached : OfOne {
    Var operator()(Var x, Var h) const {
        Var both = concat({x, h}, -1);
        return Var(slice(both.detach(), -1, 0, 1) + slice(both.detach(), -1, 1, 2)).detach();
    }
};
struct OfItself : OfOne {
    Var operator()(Var x, Var) const { return x.detach(); }
};

// ---- what no plan can follow ----

struct WithSmallConstant : OfOne {
    Var operator()(Var x, Var h) const { return h + x.tape().constant(1e-5 * x.item()); }
};
/// Far beyond what any recording is made of.
struct WithRareBranch : OfOne {
    Var operator()(Var x, Var h) const {
        if (Var(h * 2).detach().item() > 1e20) return h;
        return h + x;
    }
};
struct OfValues : OfOne {
    Var operator()(Var x, Var h) const {
        auto const v = h.value<float>();
        return h + x * (v(0, 0) > 1e20f ? 0.f : 1.f);
    }
};
struct OfPlaces : OfOne {
    Var operator()(Var x, Var h) const {
        Var both = concat({h, x, x + 1e20}, -1);
        return gather(both, argmax(both, -1), -1) * x;
    }
};
struct WhilePaused : OfOne {
    Var operator()(Var x, Var h) const {
        Var kept;
        {
            Pause const pause(x.tape());
            kept = h + 1;
        }
        return kept * x;
    }
};
struct WithNoise : OfOne {
    std::shared_ptr<Random> random = std::make_shared<Random>(1);
    Var operator()(Var x, Var h) const { return h + x + x.tape().constant(1e-5 * random->normal()); }
};
struct FromElsewhere : OfOne {
    Var given;
    Var operator()(Var, Var) const { return given; }
};
struct Numbered : OfOne {
    Var operator()(Var x, Var h, Index t) const { return h + x * static_cast<double>(t); }
};
struct NumberedOfTwo : OfOne {
    Var operator()(Var x, Var y, Var h, Index t) const { return h + x * y * static_cast<double>(t); }
};
struct OddInput : OfOne {
    struct Input {
        Var x;
        int lane;
    };
    Var operator()(Input in, Var h) const { return h + in.x * static_cast<double>(in.lane); }
};

// ---- of a parameter, what a step reads is the same at each step ----

struct Normalised : OfOne {
    Param& W;
    explicit Normalised(Params p) : W(p.normal("W", {1}, 2, 0)) {}
    Var operator()(Var x, Var h) const {
        Var const w = x.tape().lift(W);
        return h + x / Var(sum(w * w)).item();
    }
};

// ---- members of a state that are no Vars ----

struct Counted {
    struct Inner {
        Var c;
        int steps;
    };
    struct State {
        Var h;
        Inner inner;
    };
    bool counts;
    State zeros(Tape& tape, Index batch) const { return {tape.zeros({batch, 1}), {tape.zeros({batch, 1}), 3}}; }
    State operator()(Var x, State s) const {
        return {s.h + x * static_cast<double>(s.inner.steps), {s.inner.c + 1, s.inner.steps + (counts ? 1 : 0)}};
    }
};

template <class Error> std::string complaint(auto f) {
    try {
        f();
    } catch (Error const& e) { return e.what(); }
    return "nothing was thrown";
}
/// By plans, streams and C files alike; with the line of this file.
template <class Error, class C>
void require_refused(C const& cell, std::string const& word, std::vector<Shape> inputs = {{1}}) {
    files::TemporaryFolder const folder;
    std::string const by_plan   = complaint<Error>([&] { step_plan(cell, {.inputs = inputs}); }),
                      by_stream = complaint<Error>([&] { nn::Stream<double>(cell, {.inputs = inputs}); }),
                      by_file = complaint<Error>([&] { write_c((folder / "a.c").string(), cell, {.inputs = inputs}); });
    for (std::string const& said : {by_plan, by_stream, by_file}) {
        BOOST_TEST(said.find("dependence.cpp:") != std::string::npos, said);
        BOOST_TEST(said.find(word) != std::string::npos, said);
    }
    BOOST_TEST(folder.names().empty());
}

std::vector<float> after(nn::Stream<float> stream, std::vector<float> const& xs) {
    std::vector<float> out;
    for (float x : xs) out.push_back(stream(std::vector<float>{x})[0]);
    return out;
}
PlanOptions const of_one{.inputs = {{1}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(dependence_of_a_step)

BOOST_AUTO_TEST_CASE(on_what_is_detached_is_kept) {
    std::vector<float> const xs{3, 3, 3, 3, 3}, five{1, 2, 3, 4, 5};
    auto const each = boost::test_tools::per_element();
    BOOST_TEST(after(nn::Stream(Spiking(), of_one), xs) == (std::vector<float>{3, 6, 3, 6, 3}), each);
    BOOST_TEST(after(nn::Stream(Detached(), of_one), xs) == (std::vector<float>{3, 6, 9, 12, 15}), each);
    BOOST_TEST(after(nn::Stream(OfItself(), of_one), five) == five, each);
}

BOOST_AUTO_TEST_CASE(on_numbers_of_its_values_is_refused) {
    require_refused<TapeError>(WithSmallConstant(), "the numbers of x are read here");
    require_refused<TapeError>(WithRareBranch(), "are read here");
    require_refused<TapeError>(OfPlaces(), "are read here");
    require_refused<TapeError>(OfValues(), "the numbers of h0 are read here");
}

BOOST_AUTO_TEST_CASE(on_what_was_computed_unrecorded_is_refused) {
    require_refused<TapeError>(WhilePaused(), "paused");
}

BOOST_AUTO_TEST_CASE(on_what_is_drawn_is_refused_however_small) { require_refused<TapeError>(WithNoise(), "constant"); }

BOOST_AUTO_TEST_CASE(on_another_tape_is_refused) {
    Tape tape;
    FromElsewhere cell;
    cell.given = tape.zeros({1, 1});
    require_refused<TapeError>(cell, "another tape");
}

BOOST_AUTO_TEST_CASE(on_its_number_is_refused) {
    require_refused<TypeError>(Numbered(), "the number of the step");
    require_refused<TypeError>(NumberedOfTwo(), "the number of the step", {{1}, {1}});
    require_refused<TypeError>(ClockworkRNN(Params(1), 1, 2, 2), "the number of the step");
}

BOOST_AUTO_TEST_CASE(on_other_members_of_a_state_is_refused_where_they_change) {
    require_refused<TypeError>(Counted{true}, "inner.steps");
    std::vector<float> const ones{1, 1, 1};
    BOOST_TEST(after(nn::Stream(Counted{false}, of_one), ones) == (std::vector<float>{3, 6, 9}),
               boost::test_tools::per_element());
    require_refused<TypeError>(OddInput(), "Input has members that are no Vars");
}

BOOST_AUTO_TEST_CASE(on_numbers_of_a_parameter_is_none) {
    BOOST_TEST(after(nn::Stream(Normalised(Params(1)), of_one), {4, 4}) == (std::vector<float>{1, 2}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(on_an_element_type_is_said_once) {
    std::string const said = complaint<TypeError>([] { nn::Stream s(Spiking(), {.inputs = {{1}}, .dtype = float64}); });
    BOOST_TEST((said.find("dependence.cpp:") == 0 && said.find("nn::Stream<double>") != std::string::npos), said);
    nn::Stream<double> const s(Spiking(), {.inputs = {{1}}, .dtype = float64});
}

BOOST_AUTO_TEST_SUITE_END()
