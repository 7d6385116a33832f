// What is used too late, too early, or on two threads.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <sstream>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/ops/arrays/indices.hpp>
#include <unspool/ops/ops.hpp>
#include <vector>

using namespace unspool;

namespace {

template <class F> std::string refused(F f) {
    try {
        f();
    } catch (TapeError const& e) { return e.what(); }
    return "";
}
bool says(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

xt::xarray<double> const three{1, 2, 3};

}  // namespace

BOOST_AUTO_TEST_SUITE(lifetimes)

BOOST_AUTO_TEST_CASE(a_value_whose_tape_is_gone) {
    Var x, y;
    {
        Tape tape(float64);
        x = tape.input(three, "x");
        y = sum(x * x);
    }
    BOOST_TEST(says(refused([&] { y.item(); }), "tape is gone"));
    BOOST_TEST(says(refused([&] { Var z = x + 1; }), "tape is gone"));
    BOOST_TEST(says(refused([&] { backward(y); }), "tape is gone"));
}

BOOST_AUTO_TEST_CASE(and_another_took_its_place) {
    Var x, y;
    Indices i;
    std::optional<Gradients> g;
    void const* place = nullptr;
    {
        Tape tape(float64);
        place = &tape.presence();
        x = tape.input(three, "x"), y = sum(x * x), i = indices(tape, std::vector<int>{0});
        g = backward(y);
    }
    Tape other(float64);
    Var const z = other.input(three, "z");
    BOOST_REQUIRE(&other.presence() == place);
    BOOST_TEST(says(refused([&] { y.item(); }), "lifetimes.cpp:"));
    for (auto const& use : std::vector<std::function<void()>>{[&] { y.item(); }, [&] { Var t = x + 1; },
                                                              [&] { Var t = z + x; }, [&] { backward(y); },
                                                              [&] { x.tape(); }, [&] { x.dtype(); }, [&] { (*g)[x]; }})
        BOOST_TEST(says(refused(use), "a Var was used whose tape is gone"), refused(use));
    BOOST_TEST(says(refused([&] { (*g)[z]; }), "z is on another tape than these gradients"));
    BOOST_TEST(says(refused([&] { gather(z, i); }), "the numbers are on another tape"));
    std::ostringstream out;
    out << x;
    BOOST_TEST(out.str() == "(a Var was used whose tape is gone: a tape outlives the values on it)");
}

BOOST_AUTO_TEST_CASE(is_not_taken_for_one_of_the_next_tape) {
    std::vector<Var> old;
    for (int k = 0; k < 200; ++k) {
        Tape tape(float64);
        for (int r = 0; r < k % 5; ++r) tape.rewind();
        Var const x = tape.input(three);
        for (Var const& o : old) BOOST_REQUIRE_THROW(o.value<double>(), TapeError);
        old.push_back(x);
        BOOST_REQUIRE(sum(x).item() == 6);
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_a_tape_that_is_gone) {
    std::optional<Tape> tape(std::in_place, float64);
    Var x             = tape->input(three);
    Gradients const g = backward(sum(x * x));
    tape.emplace(float64);  // at the same address
    Var const other = tape->input(three);
    BOOST_CHECK_THROW(g[x], TapeError);
    BOOST_CHECK_THROW(g[other], TapeError);
    Indices i;
    {
        Tape short_lived;
        i = indices(short_lived, std::vector<int>{0, 1});
    }
    BOOST_CHECK_THROW(gather(tape->input(three), i), TapeError);
}

BOOST_AUTO_TEST_CASE(parameters_that_are_gone_before_backward) {
    Tape tape(float64);
    std::optional<Params> params(std::in_place, 1, float64);
    Param& w = params->constant("w", {3}, 2);
    Var x = tape.input(three), loss = sum(w * x * w);
    params.reset();  // the tape keeps them until it is rewound
    Gradients const g = backward(loss);
    BOOST_TEST((g[x].value<double>() == xt::xarray<double>{4, 4, 4}));
    BOOST_TEST((g[w].value<double>() == xt::xarray<double>{4, 8, 12}));
    tape.rewind();
    std::string const words = refused([&] { Var y = w * tape.input(three); });
    BOOST_TEST(says(words, "the parameter w is gone with its Params"), words);
    BOOST_CHECK_THROW(w.value<double>(), TapeError);
    BOOST_CHECK_THROW(w.assign(1), TapeError);
    BOOST_TEST(w.path() == "w");
    std::ostringstream out;
    out << w;
    BOOST_TEST(out.str() == "w: (" + words.substr(words.find("the parameter")) + ")");
}

BOOST_AUTO_TEST_CASE(reading_a_parameter_never_counts) {
    Params params(1, float64);
    Param& w = params.constant("w", {3}, 2);
    Tape tape(float64);
    Var x = tape.input(three), loss = sum(w * x);
    BOOST_TEST(w.value<double>()(0) == 2);
    for (double v : w.value<double>()) BOOST_TEST(v == 2);
    BOOST_TEST((backward(loss)[w].value<double>() == three));
}

BOOST_AUTO_TEST_CASE(writing_a_parameter_always_does) {
    Params params(1, float64);
    Param& w = params.constant("w", {3}, 2);
    Tape tape(float64);
    Var x = tape.input(three), loss = sum(w * x);
    w.mutable_value<double>()(1) = 7;
    BOOST_TEST(says(refused([&] { backward(loss); }), "parameter w has changed"));
    std::string words;
    {
        auto open = w.mutable_value<double>();
        words     = refused([&] { Var y = w * x; });
        open(1)   = 5;
    }
    BOOST_TEST(says(words, "the parameter w is read while it is open for writing, since lifetimes.cpp:"), words);
    Var const again = sum(w * x);
    BOOST_TEST(again.item() == 2 + 10 + 6);
    BOOST_TEST((backward(again)[x].value<double>() == xt::xarray<double>{2, 5, 2}));
}

BOOST_AUTO_TEST_CASE(gradients_that_no_variable_holds) {
    Tape tape(float64);
    Var x = tape.input(three), m = tape.input(xt::xarray<double>{{1, 2}, {3, 4}});
    auto const dx = backward(sum(x * x))[x].value<double>();
    static_assert(std::same_as<decltype(dx), xt::xarray<double> const>);
    auto const kept = backward(sum(square(transpose(m)[0])))[m];
    for (int k = 0; k < 50; ++k) (void)backward(sum(x * 100));  // in the memory that was theirs
    BOOST_TEST((dx == xt::xarray<double>{2, 4, 6}));
    BOOST_TEST((kept.value<double>() == xt::xarray<double>{{2, 0}, {6, 0}}));
    BOOST_TEST((kept.shape() == Shape{2, 2} && kept.dtype() == float64));
}

BOOST_AUTO_TEST_CASE(one_tape_is_of_one_thread_at_a_time) {
    Tape tape(float64);
    Var const x          = tape.input(three);
    auto const elsewhere = [](auto f) {
        std::string out;
        std::thread([&] { out = refused(f); }).join();
        return out;
    };
    BOOST_TEST(says(elsewhere([&] { Var y = x * 2; }), "another thread has recorded on this tape"));
    BOOST_TEST(says(elsewhere([&] { Var y = x[0]; }), "lifetimes.cpp:"));
    BOOST_TEST(elsewhere([&] { (void)x.value<double>()(0); }) == "");  // looking is not recording
    tape.hand_over();
    BOOST_TEST(elsewhere([&] { Var y = x * 2; }) == "");
    BOOST_TEST(says(refused([&] { Var y = x * 2; }), "another thread"));
    BOOST_TEST(says(elsewhere([&] { Var y = x * 2; }), "another thread"));  // in the memory of the one that has ended
    tape.rewind();
    BOOST_TEST(refused([&] { (void)tape.input(three); }) == "");
}

BOOST_AUTO_TEST_SUITE_END()
