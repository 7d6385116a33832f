// Pruning: which weights go, and that they stay zero.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

struct Fixture {
    Params params{0, float64};
    Param &weight = params.zeros("weight", {5, 7}), &bias = params.zeros("bias", {5});
    Random random{15};

    Fixture() {
        for (double& x : weight.mutable_value<double>()) x = random.uniform(-1, 1);
        for (double& x : bias.mutable_value<double>()) x = random.uniform(-1, 1) / 2;
    }

    static std::vector<bool> zeros(Param const& p) {
        std::vector<bool> out;
        for (double x : p.value<double>()) out.push_back(x == 0);
        return out;
    }
    static std::vector<bool> zeros(golden::Json const& mask) {
        std::vector<bool> out;
        for (double x : golden::array<double>(mask)) out.push_back(x == 0);
        return out;
    }

    Gradients gradients(std::uint64_t t) {
        static Tape tape(float64);
        tape.rewind();
        return backward(sum(square(tape.lift(weight) - numbers({5, 7}, t))) + sum(tape.lift(bias) * numbers({5}, t)));
    }

    void stay_zero(Optimiser& optimiser) {
        for (std::uint64_t t = 0; t < 3; ++t) optimiser.step(gradients(t));  // so that there is momentum
        Pruning pruning(params);
        pruning.prune(0.5);
        auto const w = zeros(weight), b = zeros(bias);
        BOOST_TEST(std::count(w.begin(), w.end(), true) + std::count(b.begin(), b.end(), true) == 20);
        for (std::uint64_t t = 3; t < 13; ++t) {
            optimiser.step(gradients(t));
            pruning.apply();
            BOOST_TEST((zeros(weight) == w));
            BOOST_TEST((zeros(bias) == b));
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pruning)

BOOST_AUTO_TEST_CASE(drops_what_pytorch_drops) {
    golden::Json const file = golden::file("training");
    for (auto const& one : file["pruning"]) BOOST_TEST_CONTEXT(one["by"] << " " << one["fraction"]) {
            Fixture f;
            Pruning pruning(f.params);
            pruning.prune(one["fraction"], one["by"] == "all" ? Pruning::By::all : Pruning::By::parameter);
            BOOST_TEST((f.zeros(f.weight) == f.zeros(one["weight"])));
            BOOST_TEST((f.zeros(f.bias) == f.zeros(one["bias"])));
        }
}

BOOST_FIXTURE_TEST_CASE(lasts_through_training, Fixture) {
    Sgd sgd(params, {.momentum = 0.9, .weight_decay = 0.1, .nesterov = true});
    AdamW adam(params, {.rate = 0.1});
    RmsProp rmsprop(params, {.momentum = 0.9, .centred = true});
    stay_zero(sgd), stay_zero(adam), stay_zero(rmsprop);
}

BOOST_FIXTURE_TEST_CASE(can_go_further_and_not_back, Fixture) {
    Pruning pruning(params);
    pruning.prune(0.25);
    auto const first = zeros(weight);
    BOOST_TEST(pruning.pruned() == 10);
    for (double& x : weight.mutable_value<double>()) x = x == 0 ? 100 : x;  // what training might do
    pruning.prune(0.1);
    BOOST_TEST((zeros(weight) == first));
    for (double& x : weight.mutable_value<double>()) x = x == 0 ? 100 : x;
    pruning.prune(0.5);
    BOOST_TEST(pruning.pruned() == 20);
    BOOST_TEST(pruning.sparsity() == 0.5);
    for (std::size_t i = 0; i < first.size(); ++i) BOOST_TEST((zeros(weight)[i] || !first[i]));
}

BOOST_FIXTURE_TEST_CASE(masks_gradients, Fixture) {
    Pruning pruning({&weight});
    pruning.prune(0.4);
    auto g = gradients(1);
    pruning.mask(g);
    auto const x = g[weight].value<double>();
    for (std::size_t i = 0; i < 35; ++i) BOOST_TEST((x.flat(i) == 0) == zeros(weight)[i]);
    BOOST_TEST(g[bias].value<double>()(0) != 0);
}

BOOST_FIXTURE_TEST_CASE(clears_whatever_is_there, Fixture) {
    Pruning pruning(params);
    pruning.prune(1);
    weight.assign(std::nan("")), bias.assign(-1);
    pruning.apply();
    for (double x : weight.value<double>()) BOOST_TEST((x == 0 && !std::signbit(x)));
    for (double x : bias.value<double>()) BOOST_TEST((x == 0 && !std::signbit(x)));
}

BOOST_FIXTURE_TEST_CASE(takes_the_first_of_equals_and_nan_last, Fixture) {
    bias.assign(xt::xarray<double>{2, -1, std::nan(""), 1, -1});
    Pruning pruning({&bias});
    pruning.prune(0.4);
    BOOST_TEST((zeros(bias) == std::vector{false, true, false, true, false}));
    pruning.prune(0.8);
    BOOST_TEST((zeros(bias) == std::vector{true, true, false, true, true}));
}

BOOST_FIXTURE_TEST_CASE(refuses_what_it_cannot, Fixture) {
    Pruning pruning(params);
    BOOST_TEST(
        has(message<ValueError>([&] { pruning.prune(1.5); }), "Pruning: fraction is 1.5, but must be in [0, 1]"));
    BOOST_CHECK_THROW(pruning.prune(std::nan("")), ValueError);
    BOOST_TEST(pruning.sparsity() == 0);
    Params narrow;
    BOOST_CHECK_THROW(Pruning({&bias, &narrow.zeros("x", {1})}), TypeError);
    BOOST_CHECK_THROW(Pruning({&bias, &bias}), NameError);
    BOOST_TEST(Pruning(Params()).sparsity() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
