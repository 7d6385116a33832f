// The optimisers: step by step as PyTorch's, and their errors.
#include <cmath>
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

SgdOptions sgd_options(golden::Json const& j) {
    return {.rate         = j["lr"],
            .momentum     = j["momentum"],
            .dampening    = j["dampening"],
            .weight_decay = j["weight_decay"],
            .nesterov     = j["nesterov"]};
}

AdamOptions adam_options(golden::Json const& j, bool decoupled) {
    double const decay = j["weight_decay"];
    return {.rate                   = j["lr"],
            .beta1                  = j["betas"][0],
            .beta2                  = j["betas"][1],
            .eps                    = j["eps"],
            .weight_decay           = decoupled ? 0 : decay,
            .decoupled_weight_decay = decoupled ? decay : 0};
}

/// Gradients that are the numbers of a golden file: those of Σ g ∘ p.
template <class T> Gradients given(Tape& tape, Params const& p, golden::Json const& gradients) {
    tape.rewind();
    Var loss = tape.constant(0);
    for (Param* q : p.all()) loss = loss + sum(tape.lift(*q) * golden::array<T>(gradients[q->path()]));
    return backward(loss);
}

template <class T> Params initial(golden::Json const& file) {
    Params p(0, dtype_of<T>);
    for (auto const& [name, x] : file["initial"].items()) {
        auto const a = golden::array<T>(x);
        p.zeros(name, Shape::of(a.shape())).assign(a);
    }
    return p;
}

template <class T, class Optimiser>
void follow(golden::Json const& file, golden::Json const& one, Params p, Optimiser optimiser, double tolerance) {
    Tape tape(dtype_of<T>);
    for (std::size_t t = 0; t < one["parameters"].size(); ++t) {
        optimiser.step(given<T>(tape, p, file["gradients"][t]));
        for (Param* q : p.all()) BOOST_TEST_CONTEXT("step " << t << ", " << q->path())
        BOOST_TEST(golden::near(std::as_const(*q).template value<T>(),
                                golden::array<T>(one["parameters"][t][q->path()]), tolerance));
    }
}

template <class T> void follow_all(double tolerance) {
    golden::Json const file = golden::file("optim");
    for (auto const& one : file["cases"]) BOOST_TEST_CONTEXT(one["name"]) {
            Params p               = initial<T>(file);
            std::string const kind = one["optimiser"];
            if (kind == "SGD") follow<T>(file, one, p, Sgd(p, sgd_options(one["options"])), tolerance);
            else follow<T>(file, one, p, Adam(p, adam_options(one["options"], kind == "AdamW")), tolerance);
        }
}

struct Fixture {
    Params params{1, float64};
    Param &a = params.constant("net.a", {3}, 1), &b = params.constant("net.b", {2}, 1);
    Tape tape{float64};

    Gradients of_a() { return tape.rewind(), backward(sum(square(tape.lift(a)))); }
    double value(Param const& p) const { return p.value<double>()(0); }
};

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 no_number    = std::numeric_limits<double>::infinity();

}  // namespace

BOOST_FIXTURE_TEST_SUITE(optimiser, Fixture)

BOOST_AUTO_TEST_CASE(follows_pytorch_in_double) { follow_all<double>(1e-14); }
BOOST_AUTO_TEST_CASE(follows_pytorch_in_float) { follow_all<float>(2e-6); }

BOOST_AUTO_TEST_CASE(leaves_alone_what_the_loss_does_not_depend_on) {
    Adam adam(params, {.decoupled_weight_decay = 0.5});
    Sgd sgd(params, {.weight_decay = 0.5});
    adam.step(of_a()), sgd.step(of_a());
    BOOST_TEST(value(b) == 1);
    BOOST_TEST(value(a) < 1);
}

BOOST_AUTO_TEST_CASE(counts_the_steps_of_each_parameter) {
    Adam adam(params, {.rate = 0.1});
    for (int t = 0; t < 3; ++t) adam.step(of_a());
    tape.rewind();
    adam.step(backward(sum(tape.lift(b) * 2)));
    BOOST_TEST(std::abs(value(b) - 0.9) < 1e-7);  // a first step of Adam has the length of the rate
}

BOOST_AUTO_TEST_CASE(trains_only_what_it_was_given) {
    Params part = params / "net";
    Param& c    = params.constant("other.c", {1}, 1);
    Sgd sgd(part, {.rate = 0.1});
    sgd.step(backward(sum(tape.lift(a)) + sum(tape.lift(c))));
    BOOST_TEST(std::abs(value(a) - 0.9) < 1e-15);
    BOOST_TEST(value(c) == 1);
}

BOOST_AUTO_TEST_CASE(can_be_one_of_two_that_share_a_model) {
    Sgd slow({&a}, {.rate = 0.1});
    Adam fast({&b}, {.rate = 0.5});
    auto g = backward(sum(tape.lift(a)) + sum(tape.lift(b)));
    slow.step(g), fast.step(g);
    BOOST_TEST(std::abs(value(a) - 0.9) < 1e-15);
    BOOST_TEST(std::abs(value(b) - 0.5) < 1e-7);
}

BOOST_AUTO_TEST_CASE(treats_some_parameters_otherwise) {
    Sgd sgd(params, {.rate = 0.1, .weight_decay = 0.5});
    sgd.scale((params / "net").all(), {.rate = 0.5});
    sgd.scale(b, {.rate = 2, .decay = 0});
    sgd.step(backward(sum(tape.lift(a)) + sum(tape.lift(b))));
    BOOST_TEST(std::abs(value(a) - (1 - 0.05 * 1.5)) < 1e-15);
    BOOST_TEST(std::abs(value(b) - (1 - 0.2)) < 1e-15);
    sgd.rate(0.01);
    sgd.scale(a, {.rate = 0});
    tape.rewind();
    sgd.step(backward(sum(tape.lift(a)) + sum(tape.lift(b))));
    BOOST_TEST(std::abs(value(a) - (1 - 0.05 * 1.5)) < 1e-15);
    BOOST_TEST(std::abs(value(b) - (1 - 0.2 - 0.02)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(knows_only_its_own_parameters) {
    Sgd sgd({&a}, {.rate = 0.1});
    Param* both[] = {&a, &b};
    BOOST_TEST(has(message<NameError>([&] { sgd.scale(b, {}); }), "Sgd: net.b is not among its parameters"));
    BOOST_CHECK_THROW(sgd.scale(both, {.rate = 0}), NameError);
    BOOST_TEST(has(message<ValueError>([&] { sgd.scale(a, {.rate = -1}); }), "Sgd: a factor of the rate is -1"));
    BOOST_CHECK_THROW(sgd.scale(a, {.decay = not_a_number}), ValueError);
    sgd.step(backward(sum(tape.lift(a))));
    BOOST_TEST(std::abs(value(a) - 0.9) < 1e-15);  // as if nothing had been said
    Params other(1, float32);
    Param& narrow = other.constant("c", {1}, 1);
    BOOST_TEST(has(message<NameError>([&] { Sgd({&a, &b, &a}); }), ": an optimiser was given two parameters net.a"));
    BOOST_TEST(has(message<TypeError>([&] {
                       Sgd({&a, &narrow});
                   }),
                   "an optimiser's parameters are of one type, but net.a is float64 and c is float32"));
}

BOOST_AUTO_TEST_CASE(centred_survives_gradients_that_hardly_change) {  // whose variance rounding makes negative
    Params p;
    Param& x = p.constant("x", {64}, 1);
    Tape narrow;
    xt::xarray<double> g = xt::linspace<double>(0.1, 3, 64);
    RmsProp rmsprop(p, {.rate = 1e-4, .alpha = 0.8, .centred = true});
    for (int t = 0; t < 1000; ++t) narrow.rewind(), rmsprop.step(backward(sum(narrow.lift(x) * g)));
    for (float v : x.value<float>()) BOOST_TEST(std::isfinite(v));
}

BOOST_AUTO_TEST_CASE(can_change_its_rate) {
    Sgd sgd(params, {.rate = 1});
    Adam adam(params);
    sgd.rate(0.25), adam.rate(0);
    sgd.step(of_a());
    BOOST_TEST(value(a) == 0.5);  // 1 - 0.25 · 2
    adam.step(of_a());
    BOOST_TEST(value(a) == 0.5);
    BOOST_TEST(sgd.rate() == 0.25);
}

BOOST_AUTO_TEST_CASE(minimises) {
    Params p(3, float64);
    Param& x    = p.normal("x", {5}, 0, 1);
    auto target = numbers({5}, 4);
    Adam adam(p, {.rate = 0.05});
    for (int t = 0; t < 400; ++t) {
        tape.rewind();
        adam.step(backward(sum(square(tape.lift(x) - target))));
    }
    BOOST_TEST(golden::near(x.value<double>(), target, 1e-3));
}

BOOST_AUTO_TEST_CASE(makes_older_recordings_stale) {
    Var loss = sum(square(tape.lift(a)));
    Sgd(params).step(backward(loss));
    BOOST_CHECK_THROW(backward(loss), TapeError);
}

template <class T> void lets_nan_through(T&& optimiser, Param& a) {
    Tape tape(float64);
    optimiser.step(backward(sum(tape.lift(a) * not_a_number)));
    BOOST_TEST(std::isnan(a.value<double>()(1)));
}

BOOST_AUTO_TEST_CASE(lets_nan_through_all_kinds) {
    for (int k = 0; k < 6; ++k) {
        Params p(1, float64);
        Param& x = p.constant("x", {2}, 1);
        if (k == 4) lets_nan_through(Sgd(p, {.momentum = 0.5}), x);
        if (k == 5) lets_nan_through(Adam(p), x);
        if (k == 0) lets_nan_through(Adam(p, {.amsgrad = true}), x);
        if (k == 1) lets_nan_through(Adagrad(p), x);
        if (k == 2) lets_nan_through(RmsProp(p, {.centred = true}), x);
        if (k == 3) lets_nan_through(RmsProp(p, {.momentum = 0.5}), x);
    }
}

BOOST_AUTO_TEST_CASE(refuses_options_outside_their_range) {
    BOOST_TEST(has(message<ValueError>([&] { Adam(params, {.rate = not_a_number}); }),
                   "Adam: rate is nan, but must be finite and not negative"));
    int const line = __LINE__ + 1;
    auto m         = message<ValueError>([&] { Sgd(params, {.rate = -0.1}); });
    BOOST_TEST(m ==
               "optimiser.cpp:" + std::to_string(line) + ": Sgd: rate is -0.1, but must be finite and not negative");
    BOOST_CHECK_THROW(Sgd(params, {.rate = no_number}), ValueError);
    BOOST_CHECK_THROW(Sgd(params, {.momentum = -0.5}), ValueError);
    BOOST_CHECK_THROW(Sgd(params, {.dampening = not_a_number}), ValueError);
    BOOST_CHECK_THROW(Sgd(params, {.weight_decay = -1}), ValueError);
    BOOST_CHECK_THROW(Sgd(params, {.nesterov = true}), ValueError);
    BOOST_CHECK_THROW(Sgd(params, {.momentum = 0.9, .dampening = 0.1, .nesterov = true}), ValueError);
    BOOST_TEST(
        has(message<ValueError>([&] { Adam(params, {.beta1 = 1}); }), "Adam: beta1 is 1, but must be in [0, 1)"));
    BOOST_CHECK_THROW(Adam(params, {.beta2 = -0.1}), ValueError);
    BOOST_CHECK_THROW(Adam(params, {.eps = -1e-8}), ValueError);
    BOOST_CHECK_THROW(Adam(params, {.weight_decay = not_a_number}), ValueError);
    BOOST_CHECK_THROW(Adam(params, {.decoupled_weight_decay = -1}), ValueError);
    BOOST_TEST(
        has(message<ValueError>([&] { AdamW(params, {.weight_decay = -1}); }), "AdamW: decoupled_weight_decay is -1"));
    BOOST_TEST(has(message<ValueError>([&] { Adagrad(params, {.rate_decay = -1}); }), "Adagrad: rate_decay is -1"));
    BOOST_CHECK_THROW(Adagrad(params, {.rate = -1}), ValueError);
    BOOST_CHECK_THROW(Adagrad(params, {.weight_decay = -1}), ValueError);
    BOOST_CHECK_THROW(Adagrad(params, {.initial_sum = -1}), ValueError);
    BOOST_CHECK_THROW(Adagrad(params, {.eps = not_a_number}), ValueError);
    BOOST_TEST(
        has(message<ValueError>([&] { RmsProp(params, {.alpha = 1}); }), "RmsProp: alpha is 1, but must be in [0, 1)"));
    BOOST_CHECK_THROW(RmsProp(params, {.eps = -1}), ValueError);
    BOOST_CHECK_THROW(RmsProp(params, {.weight_decay = -1}), ValueError);
    BOOST_CHECK_THROW(RmsProp(params, {.momentum = no_number}), ValueError);
    Adam adam(params);
    BOOST_CHECK_THROW(adam.rate(-1), ValueError);
    BOOST_TEST(adam.rate() == 1e-3);
}

BOOST_AUTO_TEST_CASE(refuses_gradients_of_another_element_type) {
    Tape narrow(float32);
    Sgd sgd(params);
    auto m = message<TypeError>([&] { sgd.step(backward(sum(narrow.lift(a)))); });
    BOOST_TEST(m.ends_with(": Sgd: the parameters are float64, the gradients float32"));
    BOOST_TEST(value(a) == 1);
}

BOOST_AUTO_TEST_CASE(fixed_arrays_stay) {
    Params p(1, float64);
    Param& A = p.fixed("A", xt::xarray<double>{1, 2, 3});
    Param& W = p.uniform("W", {3}, -1, 1);
    Adam adam(p, {.rate = 0.5});
    xt::xarray<double> const before = A.value<double>(), w = W.value<double>();
    Tape tape(float64);
    adam.step(backward(sum(tape.lift(W) * A)));
    BOOST_TEST(A.value<double>() == before);
    BOOST_TEST(W.value<double>() != w);
}

BOOST_AUTO_TEST_SUITE_END()
