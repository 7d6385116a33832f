// A stream computes what a tape computes, step by step.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nn/deploy/cells.hpp>
#include <thread>

using namespace unspool;

namespace {

/// What two numbers differ by, in units of the last place of the larger, or of 1 if they are smaller.
template <class T> double ulps(T a, T b) {
    if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
    T const size = std::max({std::abs(a), std::abs(b), T(1)});
    return std::abs(static_cast<double>(a - b)) / static_cast<double>(std::nextafter(size, T(2) * size) - size);
}

template <class T> std::vector<T> elements(Var x) {
    auto const view = x.value<T>();
    return {view.begin(), view.end()};
}

/// A paused tape, one step after another.
template <class T> class Paused {
public:
    Paused(core::PlannableCell cell) : cell_(std::move(cell)), tape_(core::dtype_of<T>) {
        for (auto const& zeros : cell_.cell.zeros) state_.push_back(tape_.constant(zeros));
    }

    std::vector<T> step(std::vector<xt::xarray<T>> const& x) {
        Pause const pause(tape_);
        std::vector<Var> inputs;
        for (auto const& each : x) inputs.push_back(tape_.constant(each));
        state_ = cell_.cell.step(inputs, state_);
        return elements<T>(cell_.output(state_));
    }
    std::vector<T> state(std::size_t k) const { return elements<T>(state_[k]); }

private:
    core::PlannableCell cell_;
    Tape tape_;
    std::vector<Var> state_;
};

template <class T> std::vector<xt::xarray<T>> drawn(std::vector<Shape> const& inputs, Index batch, Random& random) {
    std::vector<xt::xarray<T>> out;
    for (Shape const& s : inputs) {
        out.push_back(xt::xarray<T>::from_shape({static_cast<std::size_t>(batch), static_cast<std::size_t>(s[0])}));
        for (T& v : out.back()) v = static_cast<T>(random.normal());
    }
    return out;
}

/// The worst differences of what comes out and of the state, each step from the tape's state: of the first steps, before a tape lays out its
/// weights as a stream does, and of those behind.
struct Worst {
    double first = 0, later = 0;
};
template <class T> Worst worst(deploy::NamedCell const& cell, Index batch) {
    nn::Stream<T> stream(core::plan_of(cell.plannable(batch), {batch, cell.inputs, core::dtype_of<T>}, {}));
    Paused<T> tape(cell.plannable(batch));
    Random random(7);
    Worst out;
    for (int t = 0; t < 40; ++t) {
        auto const x     = drawn<T>(cell.inputs, batch, random);
        auto const names = stream.state_names();
        for (std::size_t k = 0; k < names.size(); ++k) stream.set_state(names[k], tape.state(k));
        std::vector<std::span<T const>> spans;
        for (auto const& each : x) spans.emplace_back(each.data(), each.size());
        auto const compare = [&](std::span<T const> got, std::vector<T> const& expected) {
            BOOST_REQUIRE(got.size() == expected.size());
            double& to = t < 20 ? out.first : out.later;
            for (std::size_t i = 0; i < got.size(); ++i) to = std::max(to, ulps(got[i], expected[i]));
        };
        auto const expected = tape.step(x);
        compare(stream.step(spans), expected);
        for (std::size_t k = 0; k < names.size(); ++k) compare(stream.state(names[k]), tape.state(k));
    }
    return out;
}

void check(deploy::NamedCell const& cell, double bound) {
    bool const packed = build_info().products.starts_with("libxsmm");  // else products add in another order
    for (Index batch : {1, 3, 8}) {
        Worst const f = worst<float>(cell, batch), d = worst<double>(cell, batch);
        BOOST_TEST(f.first <= 64, cell.name << ", batch " << batch << ": " << f.first);
        BOOST_TEST(f.later <= (packed ? bound : 64), cell.name << ", batch " << batch << ": " << f.later);
        BOOST_TEST(d.later <= (packed ? bound : 64), cell.name << " in double, batch " << batch << ": " << d.later);
    }
}

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

BOOST_AUTO_TEST_CASE(of_shipped_cells_is_a_paused_tape_to_the_bit) {
    for (auto const& cell : deploy::shipped_cells(Params(3))) check(cell, 0);
}

BOOST_AUTO_TEST_CASE(of_cells_from_papers_is_a_paused_tape_within_two_units_in_the_last_place) {
    for (auto const& cell : deploy::example_cells(Params(4))) check(cell, 2);
}

// Sums add up in another order than those of tiles, and normalisation makes that larger.
BOOST_AUTO_TEST_CASE(of_random_cells_is_a_paused_tape_within_four_units_in_the_last_place) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) check(deploy::random_cell(seed), 4);
}

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
    BOOST_TEST(message([&] { step_plan(Counting(), shapes); }).find("a formula is another") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
