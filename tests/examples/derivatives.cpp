// Derivatives of derivatives at work: each example reaches a figure that it misses where they are wrong.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <equilibrium/learning.hpp>
#include <gradient_penalty/critic.hpp>
#include <hessian_free/adding.hpp>
#include <maml/waves.hpp>
#include <sensitivity/sensitivity.hpp>

BOOST_AUTO_TEST_SUITE(derivatives_at_work)

// A critic whose slope is s everywhere wins s W and pays λ (s − 1)², so that its best slope is 1 + W / 2λ.
BOOST_AUTO_TEST_CASE(a_critic_with_a_gradient_penalty_knows_the_distance) {
    auto const f = gradient_penalty::learn({.updates = 500, .penalty = 10, .apart = 1});
    BOOST_TEST(std::abs(f.norm - 1.05) < 0.03);
    BOOST_TEST(f.deviation < 0.15);
    BOOST_TEST(std::abs(f.distance - 1) < 0.1);
}
BOOST_AUTO_TEST_CASE(a_critic_without_one_does_not) {
    auto const f = gradient_penalty::learn({.updates = 100, .penalty = 0, .apart = 1});
    BOOST_TEST(f.norm > 2);
    BOOST_TEST(f.distance > 2);
}

BOOST_AUTO_TEST_CASE(hessian_free_optimisation_learns_to_add) {
    auto const r = hessian_free::by_hessian_free({.steps = 20, .updates = 40});
    BOOST_TEST(r.error <= 0.01);
    BOOST_TEST(r.products < 40 * 60);
}
// The quadratic model of a loss that is one: a linear network learns in a step.
BOOST_AUTO_TEST_CASE(one_step_leads_to_the_minimum_of_a_square) {
    using namespace unspool;
    Params params(1, float64);
    nn::Linear const layer(params, 3, 1);
    xt::xtensor<double, 2> const xs{{1, 2, 0.5}, {-1, 0.3, 2}, {0.2, -2, 1}, {1.5, 1, -1}, {0.1, 0.7, 0.4}},
        ys{{2.0}, {-1}, {0.5}, {1}, {0.3}};
    hessian_free::HessianFree optimiser(params, {.damping = 1e-9, .structural = 0});
    auto const network = [&](Tape& tape) -> hessian_free::Run {
        Var const y = layer(tape.constant(xs));
        return {y, reshape(y, {1, 5, 1}), tape.constant(ys)};
    };
    auto const first = optimiser.step(network);
    Tape tape(float64);
    auto const run    = network(tape);
    Gradients const g = backward(mse(run.predicted, run.wanted));
    for (double x : g.flatten(params)) BOOST_TEST(std::abs(x) < 1e-6);
    BOOST_TEST(first.after < first.before);
}

BOOST_AUTO_TEST_CASE(a_loss_behind_a_step_is_differentiated_through_it) {
    using namespace maml;
    Params params(1, float64);
    Learner const learner(params, 3);
    Random random(2);
    Task const task  = some_task(random);
    auto const check = [&](Preparation how) {
        return gradcheck(params, [&](Tape& tape) { return loss_behind_a_step(tape, params, learner, task, how, 0.1); });
    };
    BOOST_TEST(check(Preparation::maml));
    BOOST_TEST(!check(Preparation::first_order));  // which leaves out how the step depends on the weights
}
BOOST_AUTO_TEST_CASE(a_step_leads_to_any_wave_from_weights_that_were_made_for_it) {
    maml::Options const o{.updates = 2500};
    auto const ours  = maml::prepare(maml::Preparation::maml, 1, o),
               joint = maml::prepare(maml::Preparation::joint, 1, o);
    BOOST_TEST(ours.one <= joint.one / 3);
    BOOST_TEST(ours.five <= joint.five / 2);
}

BOOST_AUTO_TEST_CASE(an_implicit_derivative_is_that_of_all_iterations) {
    auto const few = equilibrium::compare(1, 1e-4, 40), many = equilibrium::compare(1, 1e-13, 80);
    BOOST_TEST(many.apart <= 1e-8);
    BOOST_TEST(many.nodes == few.nodes);
    BOOST_TEST(many.bytes == few.bytes);
    BOOST_TEST(many.nodes_unrolled > 10 * many.nodes);
}
BOOST_AUTO_TEST_CASE(a_cell_of_fixed_points_learns) { BOOST_TEST(equilibrium::learn(1, 400).right >= 0.99); }

BOOST_AUTO_TEST_CASE(a_differential_equation_is_differentiated_in_three_ways) {
    for (auto const& a : {sensitivity::by_first_state(1), sensitivity::by_parameters(1)}) {
        BOOST_TEST(a.largest > 0.01);
        BOOST_TEST(a.reverse < 1e-12);
        BOOST_TEST(a.difference < 1e-8);
    }
}
BOOST_AUTO_TEST_CASE(rates_of_prey_and_predators_are_found) { BOOST_TEST(sensitivity::fit(9).error() <= 1e-6); }

BOOST_AUTO_TEST_SUITE_END()
