// What streams can be asked, and what they refuse.
#include <boost/test/unit_test.hpp>
#include <thread>
#include <unspool.hpp>

using namespace unspool;

namespace {

/// Does a copy go on by itself?
struct Counter {
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
    Var operator()(Var x, Var h) const { return h + x; }
};
struct Delay {
    struct State {
        Var first, second, third;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{2}}); }
    State operator()(Var x, State s) const { return {x, s.first, s.second}; }
};
inline Var output_of(Delay::State const& s) { return s.third; }

struct Branching {
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
    Var operator()(Var x, Var h) const {
        if (Var(sum(x)).item() > 0) return h + x;
        return h - x;
    }
};
struct Counting : Branching {
    Var operator()(Var x, Var h) const { return h * Var(sum(x)).item(); }
};
template <class F> std::string message(F f) {
    try {
        f();
    } catch (TapeError const& e) { return e.what(); }
    return "nothing was thrown";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stream)

BOOST_AUTO_TEST_CASE(reads_old_states_before_it_writes_new_ones) {
    nn::Stream s{Delay()};
    std::vector<float> out;
    for (float t = 1; t < 6; ++t) out.push_back(s(std::vector<float>{t, -t})[0]);
    BOOST_TEST(out == (std::vector<float>{0, 0, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(starts_again_and_goes_on_in_copies) {
    nn::Stream s{Counter(), {.inputs = {{1}}}};
    std::vector<float> const one{1};
    s(one), s(one);
    nn::Stream copy = s;
    BOOST_TEST(copy(one)[0] == 3);
    BOOST_TEST(s.state("h")[0] == 2);
    s.reset();
    BOOST_TEST(s(one)[0] == 1);
    BOOST_CHECK_THROW(s.state("c"), NameError);
    BOOST_CHECK_THROW(s(std::vector<float>{1, 2}), ShapeError);
    BOOST_CHECK_THROW(nn::Stream<float>(step_plan(Counter(), {.inputs = {{1}}, .dtype = float64})), TypeError);
}

BOOST_AUTO_TEST_CASE(runs_in_threads_that_share_weights) {
    Params const p(5);
    nn::Stream const first(nn::LSTMCell(p, 4, 16));
    std::vector<float> const x{1, -1, 0.5, 2};
    std::array<float, 4> got{};
    std::vector<std::thread> threads;
    for (float& out : got)
        threads.emplace_back([&first, &x, &out] {
            nn::Stream own = first;
            for (int t = 0; t < 100; ++t) out = own(x)[3];
        });
    for (auto& t : threads) t.join();
    for (float y : got) BOOST_TEST(y == got[0]);
}

BOOST_AUTO_TEST_CASE(is_refused_of_a_cell_that_depends_on_its_values) {
    auto const shapes        = PlanOptions{.inputs = {{1}}};
    std::string const branch = message([&] { step_plan(Branching(), shapes); });
    BOOST_TEST(branch.find("stream.cpp:") != std::string::npos, branch);
    BOOST_TEST(branch.find("another operation was recorded") == std::string::npos, branch);
    BOOST_TEST(message([&] { step_plan(Counting(), shapes); }).find("are read here") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(is_planned_at_the_costs_of_its_data_sheet) {
    Params const p(2);
    nn::LSTMCell const lstm(p / "lstm", 4, 8);
    nn::LayerNormLSTMCell const norm(p / "norm", 4, 8);
    nn::PeepholeLSTMCell const peephole(p / "peephole", 4, 8);
    auto const check = [](auto const& cell) {
        StepPlan const plan   = step_plan(cell);
        Datasheet const sheet = datasheet(cell);
        BOOST_TEST(plan.flops() == sheet.flops());
        BOOST_TEST(plan.bytes_of_parameters() == sheet.bytes_of_parameters());
        BOOST_TEST(plan.flops() > 0);
    };
    check(lstm), check(norm), check(peephole);
}

BOOST_AUTO_TEST_SUITE_END()
