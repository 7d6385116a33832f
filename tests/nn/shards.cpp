// A batch in parts gives the loss and the gradients of the whole.
#include <boost/test/unit_test.hpp>
#include <thread>
#include <unspool/nn/linear.hpp>
#include <unspool/nn/shards.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;

namespace {

struct Problem {
    Params             params{7, float64};
    Linear             layer{params / "layer", 3, 2};
    xt::xarray<double> x = xt::reshape_view(xt::arange<double>(0, 21), {7, 3}) * 0.13 - 1;

    Var loss(Tape& tape, Index begin, Index end) const {
        Var y = layer(tape.constant(xt::view(x, xt::range(begin, end))));
        return mean(square(sigmoid(y) * y + 0.3));
    }
    LossAndGradients by(Shards& shards) const {
        return shards.run(7, [&](Tape& tape, Shard s) { return loss(tape, s.begin, s.end); });
    }
};

double distance(Values const& a, Values const& b) { return xt::amax(xt::abs(a.value<double>() - b.value<double>()))(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(shards)

BOOST_AUTO_TEST_CASE(parts_of_unequal_size_weigh_as_much_as_they_hold) {
    Problem const   problem;
    Tape            tape(float64);
    Var const       loss     = problem.loss(tape, 0, 7);
    Gradients const expected = backward(loss);
    for (Index n : {1, 2, 3, 7, 9}) {
        Shards shards(n, float64);
        auto const [value, gradients] = problem.by(shards);
        BOOST_TEST(std::abs(value - loss.item()) < 1e-14);
        for (Param* p : problem.params.all()) BOOST_TEST(distance(gradients[*p], expected[*p]) < 1e-14, n << " shards: " << p->path());
    }
}

BOOST_AUTO_TEST_CASE(parts_cover_the_batch_in_order) {
    Shards const shards(3);
    Index        at = 0;
    for (Index k = 0; k < 3; ++k) {
        Shard const part = shards.part(k, 8);
        BOOST_TEST(part.begin == at);
        BOOST_TEST((part.size() == 2 || part.size() == 3));
        at = part.end;
    }
    BOOST_TEST(at == 8);
}

BOOST_AUTO_TEST_CASE(runs_repeat_to_the_last_bit) {
    Problem const problem;
    Shards        shards(3, float64);
    auto const    first = problem.by(shards);
    for (int i = 0; i < 20; ++i) {
        auto const again = problem.by(shards);
        BOOST_TEST(again.loss == first.loss);
        for (Param* p : problem.params.all()) BOOST_TEST(distance(again.gradients[*p], first.gradients[*p]) == 0);
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_earlier_runs_stay) {
    Problem const      problem;
    Shards             shards(2, float64);
    auto const         first = problem.by(shards);
    Param const&       w     = problem.layer.weight;
    xt::xarray<double> kept  = first.gradients[w].value<double>();
    shards.run(4, [&](Tape& tape, Shard s) { return problem.loss(tape, s.begin, s.end); });
    BOOST_TEST((first.gradients[w].value<double>() == kept));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_one_shard_alone_uses_has_a_gradient) {
    Params params(3, float64);
    Param& a = params.constant("a", {2}, 2);
    Param& b = params.constant("b", {2}, 3);
    Shards shards(2, float64);
    auto const [loss, gradients] = shards.run(2, [&](Tape& tape, Shard s) { return sum(square(tape.lift(s.number == 0 ? a : b))); });
    BOOST_TEST(loss == 0.5 * (8 + 18));
    BOOST_TEST(gradients[a].value<double>()(0) == 0.5 * 4);
    BOOST_TEST(gradients[b].value<double>()(1) == 0.5 * 6);
}

BOOST_AUTO_TEST_CASE(each_shard_has_a_thread_of_its_own) {
    Problem const                problem;
    std::vector<std::thread::id> threads(3);
    Shards(3, float64).run(7, [&](Tape& tape, Shard s) {
        threads[static_cast<std::size_t>(s.number)] = std::this_thread::get_id();
        return problem.loss(tape, s.begin, s.end);
    });
    BOOST_TEST((threads[0] == std::this_thread::get_id()));
    BOOST_TEST((threads[1] != threads[0] && threads[2] != threads[0] && threads[1] != threads[2]));
}

BOOST_AUTO_TEST_CASE(what_a_shard_throws_reaches_the_caller) {
    Problem const problem;
    Shards        shards(3, float64);
    auto const    expected = problem.by(shards).loss;
    auto const    failing  = [&](Index first) {
        return [&, first](Tape& tape, Shard s) {
            if (s.number >= first) throw ValueError(s.number == 1 ? "one" : "two");
            return problem.loss(tape, s.begin, s.end);
        };
    };
    BOOST_CHECK_EXCEPTION(shards.run(7, failing(1)), ValueError, [](auto& e) { return std::string(e.what()) == "one"; });
    BOOST_CHECK_EXCEPTION(shards.run(7, failing(2)), ValueError, [](auto& e) { return std::string(e.what()) == "two"; });
    BOOST_TEST(problem.by(shards).loss == expected);
}

BOOST_AUTO_TEST_CASE(numbers_below_one_are_refused) {
    BOOST_CHECK_THROW(Shards(0), ValueError);
    BOOST_CHECK_THROW(Shards(-2), ValueError);
    Shards shards(2);
    BOOST_CHECK_THROW(shards.run(0, [](Tape& tape, Shard) { return tape.constant(1); }), ValueError);
}

BOOST_AUTO_TEST_CASE(gradients_of_other_types_are_not_added) {
    Problem const problem;
    Shards        in_double(1, float64), in_single(1, float32);
    auto          a = problem.by(in_double), b = problem.by(in_single);
    BOOST_CHECK_THROW(a.gradients += b.gradients, TypeError);
}

BOOST_AUTO_TEST_SUITE_END()
