// What has no gradients of single sequences says so, and which parameter it is.
#include <functional>
#include <nn/cells.hpp>
#include <unspool/nn/optim/per_sequence.hpp>
#include <xtensor/xmanipulation.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

template <class E> std::string refusal(std::function<Var(Tape&)> const& losses) {
    Tape tape(float64);
    return message<E>([&] { PerSequence each(losses(tape)); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(per_sequence_errors)

BOOST_AUTO_TEST_CASE(what_cannot_be_split_says_why) {
    constexpr Index batch = 4, steps = 5, inputs = 3, units = 6;
    Params p(3, float64);
    Param &W = p.uniform("W", {units, inputs}, -1, 1), &a = p.uniform("a", {units, 2}, -1, 1),
          &b = p.uniform("b", {2, inputs}, -1, 1), &gain = p.uniform("gain", {inputs}, -1, 1);
    auto const xs = numbers({steps, batch, inputs}, 1), x = numbers({batch, inputs}, 2);
    auto const low_rank = [&](Tape& tape) -> Var {
        Var const both = matmul(tape.lift(a), b);
        return sum(linear(x, both), -1);
    };
    BOOST_TEST(has(refusal<ValueError>(low_rank), "the gradient of a by each sequence: matmul"));
    BOOST_TEST(has(refusal<ValueError>(low_rank), "reads it, and is the same for all sequences"));
    auto const normalised = [&](Tape& tape) -> Var {
        Var const scaled = exp(tape.lift(gain));
        return sum(tape.constant(x) * scaled, -1);
    };
    BOOST_TEST(has(refusal<ValueError>(normalised), "the gradient of gain by each sequence: statement"));
    auto const batch_first = [&](Tape& tape) -> Var {
        Var const y = linear(tape.constant(xt::xarray<double>(xt::transpose(xs, {1, 0, 2}))), W);
        return sum(sum(y, -1), -1);
    };
    BOOST_TEST(has(refusal<ShapeError>(batch_first), "the gradient of W by each of 4 sequences: linear"));
    BOOST_TEST(has(refusal<ShapeError>(batch_first), "are not [steps, sequences]"));
    auto const summed = [&](Tape& tape) -> Var {
        Var const y = sum(tape.constant(x) * gain);
        return y * numbers({batch}, 3);
    };
    BOOST_TEST(has(refusal<ShapeError>(summed), "the gradient of gain by each of 4 sequences: statement"));
    BOOST_TEST(has(refusal<ShapeError>(summed), "has no axis of them"));
    auto const ambiguous = [&](Tape& tape) -> Var {
        Var const y = tape.constant(numbers({batch, batch}, 4)) * sum(tape.lift(gain));
        return sum(y, -1);
    };
    BOOST_TEST(has(refusal<ValueError>(ambiguous), "gain"));
    BOOST_TEST(has(refusal<ShapeError>([&](Tape& tape) -> Var { return tape.constant(xs) * gain; }), "[5,4,3]"));
    Param &V = p.uniform("V", {8, inputs}, -1, 1), &U = p.uniform("U", {8, 2}, -1, 1),
          &state           = p.uniform("state", {batch, 2}, -1, 1);
    auto const on_the_left = [&](Tape& tape) -> Var {  // which has eight rows, one a unit
        Var const y = linear(tape.constant(x), V) + linear(tape.lift(state), U);
        return sum(y, -1);
    };
    BOOST_TEST(has(refusal<ShapeError>(on_the_left), "the gradient of state by each of 4 sequences: statement"));
    Tape tape(float64);
    PerSequence each(sum(linear(tape.constant(x), W), -1));
    BOOST_TEST(has(message<ValueError>([&] { each.sum(std::vector<double>{1, 2}); }), "2 weights for 4 sequences"));
    BOOST_TEST(has(message<ValueError>([&] { each.clipped_sum(0); }), "most is 0, but must be above 0"));
    Var const one = sum(linear(tape.constant(x), W));
    BOOST_TEST(has(message<ValueError>([&] { PerSequence none(one, 0); }), "sequences is 0, but must be at least 1"));
    BOOST_TEST(
        has(message<ValueError>([&] { PerSequence(one, 1).noise_scale(); }), "sequences is 1, but must be at least 2"));
}

BOOST_AUTO_TEST_CASE(sequences_that_see_each_other_are_found) {
    constexpr Index batch = 4, inputs = 3, units = 6;
    Params p(3, float64);
    Param& W = p.uniform("W", {units, inputs}, -1, 1);
    Tape tape(float64);
    Var const y       = linear(tape.constant(numbers({batch, inputs}, 1)), W);
    Var const centred = y - mean(y, 0, Reduced::keep);
    BOOST_CHECK_NO_THROW(require_separate(sum(square(y), -1)));
    BOOST_TEST(has(message<ValueError>([&] { require_separate(sum(square(centred), -1)); }),
                   "the gradients of W by each sequence"));
    Var const square_batch =
        tape.constant(numbers({batch, batch, inputs}, 2));  // [B,T,…], and as many steps as sequences
    Var const first = sum(sum(square(linear(square_batch, W)), -1), -1);
    BOOST_TEST(has(message<ValueError>([&] { require_separate(first); }), "lie along another axis"));
}

BOOST_AUTO_TEST_SUITE_END()
