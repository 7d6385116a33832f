// Whatever a cell is or does, the page has a line for it, and the cell keeps its parameters.
#include <boost/test/unit_test.hpp>
#include <cells/clockwork.hpp>
#include <cells/conv_lstm.hpp>
#include <cells/echo_state.hpp>
#include <cells/lif.hpp>
#include <cells/vrnn.hpp>
#include <unspool/nn/examination/examination.hpp>

using namespace unspool;

namespace {

struct Examined {
    Learning learning;
    std::string page, why;  // of all, where there is no learning
};

template <class C> Examined examined(C const& cell, Params const& params, ExamineOptions o = {}) {
    std::vector<double> const then = params.flatten();
    o.time_limit = 0.01, o.steps = 10;  // no picture, and no C compiler
    Examination const e = examine(cell, params, o);
    BOOST_TEST((params.flatten() == then));
    auto const& [when, l] = e.learning[0];
    return {l ? *l : Learning{}, e.html(), l.why};
}
bool has_words(std::string const& text, char const* words) { return text.find(words) != std::string::npos; }

/// tanh(W h + x) of two units, or something that is added to it.
struct Two {
    Param& W;
    std::function<Var(Var h)> added = {};
    Index* steps_left               = nullptr;  // before it throws

    explicit Two(Params p, std::function<Var(Var)> f = {}) : W(p.uniform("W", {2, 2}, -1, 1)), added(std::move(f)) {}
    Index in() const { return 2; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 2}); }
    Var operator()(Var x, Var h0) const {
        if (steps_left && --*steps_left == 0) throw std::runtime_error("no step");
        Var h = tanh(linear(h0, W) + x);
        return added ? Var(h + added(h)) : h;
    }
};

struct OneUnit {
    Param& w;

    explicit OneUnit(Params p) : w(p.constant("w", {1}, 0.4)) {}
    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
    Var operator()(Var x, Var h) const { return tanh(w * h + x); }
};

Var by_sequence_of(Var ys) {
    Var of_steps = mean(ys, 0, Reduced::drop);
    return mean(of_steps, -1, Reduced::drop);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examination_of_any_cell)

BOOST_AUTO_TEST_CASE(of_several_inputs_of_images_and_by_the_number_of_the_step) {
    Params p(1), q(1), r(1);
    for (auto const& e : {examined(VRNN(p, 2, 3, 2), p, {.inputs = {{2}, {2}}}),
                          examined(ClockworkRNN(q, 2, 2, 2), q, {.inputs = {{2}}}),
                          examined(ConvLSTM(r, 1, 1, 3, 3, 3), r, {.inputs = {{1, 3, 3}}})}) {
        BOOST_TEST_REQUIRE(e.why == "");
        BOOST_TEST_REQUIRE(bool(e.learning.hessian_free), e.learning.hessian_free.why);
        BOOST_TEST(e.learning.hessian_free->after < e.learning.hessian_free->before);
        BOOST_TEST((e.learning.noise || has_words(e.learning.noise.why, "has no axis of them")), e.learning.noise.why);
    }
}

BOOST_AUTO_TEST_CASE(with_a_surrogate_has_no_hessian) {
    Params p(1);
    auto const e = examined(LIF(p, 2, 3), p, {.inputs = {{2}}});
    BOOST_TEST(has_words(e.page, "no: a surrogate stands for a derivative, and has no Hessian: spike (lif.hpp:"));
    BOOST_TEST(bool(e.learning.noise));
    BOOST_TEST(bool(e.learning.kronecker));
}

BOOST_AUTO_TEST_CASE(of_one_unit_has_something_to_learn) {
    Params p(1);
    auto const e = examined(OneUnit(p), p);
    BOOST_TEST_REQUIRE(bool(e.learning.plain), e.learning.plain.why);
    BOOST_TEST(e.learning.plain->after < e.learning.plain->before);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong) {
    auto const why = [](std::function<Var(Var)> added, ExamineOptions const& o = {}) {
        Params p(1);
        auto const e = examined(Two(p, added), p, o);
        return e.why.empty() ? e.learning.noise.why : e.why;
    };
    Random random(3);
    BOOST_TEST(why({}) == "");
    BOOST_TEST(why([&](Var h) -> Var { return dropout(h, 0.5, random); }) == "");
    BOOST_TEST(why([](Var h) -> Var { return sqrt(-1 - square(h)); }) == "the loss is NaN");
    BOOST_TEST(has_words(why([](Var h) -> Var { return mean(h, 0, Reduced::keep); }), "sequences"));  // see each other
    auto const of_loss = [&](auto f) {
        return why({}, {.loss = [f](Var ys, auto) -> Var { return f(by_sequence_of(ys)); }});
    };
    BOOST_TEST(of_loss([](Var y) -> Var { return log(-1 - square(y)); }) == "the loss is NaN");
    BOOST_TEST(of_loss([](Var y) -> Var { return 1e200 * square(y); }) ==
               "the gradient is not finite, or too large to square");
    BOOST_TEST(has_words(of_loss([](Var y) -> Var { return 0 * y; }), "the gradient is 0"));
    BOOST_TEST(of_loss([](Var) -> Var { throw std::runtime_error("mine"); }) == "mine");
    for (std::vector<std::size_t> const& shape : {std::vector<std::size_t>{0, 3, 2}, {3, 0, 2}})
        BOOST_TEST(has_words(why({}, {.sequences = {xt::zeros<double>(shape)}}), "should be 1 of shapes"));
    Params none(1), other(2);
    EchoState const fixed(none, 2, 3);
    BOOST_TEST(examined(fixed, none, {.inputs = {{2}}}).learning.plain.why == "there is nothing to learn");
    BOOST_TEST(has_words(examined(Two(other), Params(1)).learning.plain.why, "the gradient is 0"));
}

BOOST_AUTO_TEST_CASE(that_throws_in_any_step_keeps_its_parameters) {
    Params p(1);
    Two cell(p);
    Index constexpr many = 1 << 30;
    Index left           = many;
    cell.steps_left      = &left;
    examined(cell, p);
    Index const all = many - left;
    for (Index k = 1; k < all; k += 1 + k / 2) {
        left = k;
        BOOST_TEST(has_words(examined(cell, p).page, "no step"), k);
    }
}

BOOST_AUTO_TEST_SUITE_END()
