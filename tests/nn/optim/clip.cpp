// Gradient clipping: as PyTorch's, and its errors.
#include <cmath>
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

struct Case {
    Params params;
    Tape tape;
    explicit Case(Dtype dtype) : params(0, dtype), tape(dtype) {}

    /// Gradients that are the numbers of a golden file: those of Σ g ∘ p, for p = 0.
    template <class T> Gradients gradients(golden::Json const& list) {
        Var loss = tape.constant(0);
        for (std::size_t k = 0; k < list.size(); ++k) {
            auto const g = golden::array<T>(list[k]);
            Param& p     = params.constant(std::to_string(k), Shape::of(g.shape()), 1);
            loss         = loss + sum(tape.lift(p) * g);
        }
        return backward(loss);
    }
};

template <class T> void compare_all(double tolerance) {
    golden::Json const file = golden::file("clip");
    for (auto const& j : file["cases"]) BOOST_TEST_CONTEXT(j["name"]) {
            Case c(dtype_of<T>);
            Gradients g       = c.gradients<T>(j["gradients"]);
            double const norm = clip_grad_norm(g, j["max_norm"]);
            BOOST_TEST(golden::distance(norm, golden::number(j["total_norm"])) <= tolerance);
            for (std::size_t k = 0; k < j["clipped"].size(); ++k)
                BOOST_TEST(golden::near(g[c.params[std::to_string(k)]].template value<T>(),
                                        golden::array<T>(j["clipped"][k]), tolerance));
        }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(clip)

BOOST_AUTO_TEST_CASE(is_that_of_pytorch_in_double) { compare_all<double>(1e-15); }
BOOST_AUTO_TEST_CASE(is_that_of_pytorch_in_float) { compare_all<float>(5e-7); }

BOOST_AUTO_TEST_CASE(sums_long_gradients) {  // more elements than lanes, and not a multiple of them
    Params p(0, float64);
    auto x   = numbers({3, 37}, 1);
    Param& a = p.zeros("a", {3, 37});
    Tape tape(float64);
    auto g      = backward(sum(tape.lift(a) * x));
    double norm = std::sqrt(xt::sum(x * x)());
    BOOST_TEST(golden::distance(clip_grad_norm(g, 0.5), norm) < 1e-14);
    BOOST_TEST(golden::near(g[a].value<double>(), xt::xarray<double>(x * (0.5 / (norm + 1e-6))), 1e-15));
}

BOOST_AUTO_TEST_CASE(has_the_other_norms_and_the_values_of_pytorch) {
    golden::Json const file = golden::file("training");
    for (auto const& j : file["clipping"]) BOOST_TEST_CONTEXT(j["kind"] << " " << j["p"] << " " << j["limit"]) {
            Random random(13);
            golden::Json list = j["clipped"];
            for (auto& array : list)
                for (auto& x : array["data"]) x = random.uniform(-1, 1);
            if (j["extremes"]) list[1]["data"][1] = "-inf";
            Case c(float64);
            Gradients g = c.gradients<double>(list);
            if (j["kind"] == "value") clip_grad_value(g, j["limit"]);
            else
                BOOST_TEST(golden::distance(clip_grad_norm(g, j["limit"], golden::number(j["p"])),
                                            golden::number(j["norm"])) <= 1e-14);
            for (std::size_t k = 0; k < list.size(); ++k)
                BOOST_TEST(golden::near(g[c.params[std::to_string(k)]].value<double>(),
                                        golden::array<double>(j["clipped"][k]), 1e-14));
        }
}

BOOST_AUTO_TEST_CASE(of_values_can_be_of_some_parameters_and_keeps_nan) {
    Params p;
    Param &a = p.constant("encoder.a", {3}, 1), &b = p.constant("b", {1}, 1);
    Tape tape;
    auto g = backward(sum(tape.lift(a) * xt::xarray<double>{-3, std::nan(""), 0.25}) + sum(tape.lift(b) * 7));
    clip_grad_value(g, (p / "encoder").all(), 0.5);
    auto const clipped = g[a].value<float>();
    BOOST_TEST(clipped(0) == -0.5f);
    BOOST_TEST(std::isnan(clipped(1)));
    BOOST_TEST(clipped(2) == 0.25f);
    BOOST_TEST(g[b].value<float>()(0) == 7);
    BOOST_TEST(has(message<ValueError>([&] { clip_grad_value(g, -1); }),
                   "clip_grad_value: most is -1, but must be at least 0"));
}

BOOST_AUTO_TEST_CASE(by_the_largest_magnitude_sees_every_element) {  // those in lanes, and those beyond
    Params p(0, float64);
    Param& a = p.zeros("a", {35});
    Tape tape(float64);
    for (std::size_t i = 0; i < 35; ++i)
        for (double extreme : {-3.0, std::nan("")}) {
            tape.rewind();
            xt::xarray<double> x = 0.1 * numbers({35}, 1);
            x(i)                 = extreme;
            auto g               = backward(sum(tape.lift(a) * x));
            BOOST_TEST(golden::distance(clip_grad_norm(g, 1, std::numeric_limits<double>::infinity()),
                                        std::abs(extreme)) == 0);
        }
}

BOOST_AUTO_TEST_CASE(by_the_largest_magnitude_sees_nan) {
    for (int place : {0, 1, 2}) {
        Params p(0, float64);
        Param &a = p.constant("a", {1}, 1), &b = p.constant("b", {1}, 1), &c = p.constant("c", {1}, 1);
        Tape tape(float64);
        auto g = backward(sum(tape.lift(a) * (place == 0 ? std::nan("") : 1)) +
                          sum(tape.lift(b) * (place == 1 ? std::nan("") : 2)) +
                          sum(tape.lift(c) * (place == 2 ? std::nan("") : 3)));
        BOOST_TEST(std::isnan(clip_grad_norm(g, 1, std::numeric_limits<double>::infinity())));
        BOOST_CHECK_THROW(clip_grad_norm(g, 1, 0), ValueError);
        BOOST_CHECK_THROW(clip_grad_norm(g, 1, std::nan("")), ValueError);
    }
}

BOOST_AUTO_TEST_CASE(can_be_of_some_parameters) {
    Params p(0, float64);
    Param &a = p.constant("encoder.a", {2}, 1), &b = p.constant("decoder.b", {2}, 1),
          &unused = p.constant("encoder.unused", {2}, 1);
    Tape tape(float64);
    auto g = backward(sum(3 * tape.lift(a)) + sum(4 * tape.lift(b)));
    BOOST_TEST(golden::distance(clip_grad_norm(g, (p / "encoder").all(), 1), std::sqrt(18)) < 1e-15);
    BOOST_TEST(golden::distance(g[a].value<double>()(1), 3 / (std::sqrt(18) + 1e-6)) < 1e-15);
    BOOST_TEST(g[b].value<double>()(1) == 4);
    BOOST_TEST(g[unused].value<double>()(1) == 0);
}

BOOST_AUTO_TEST_CASE(of_large_floats_does_not_overflow) {
    Params p;
    Param& a = p.constant("a", {4}, 1);
    Tape tape;
    auto g = backward(sum(tape.lift(a) * 1e30));
    BOOST_TEST(golden::distance(clip_grad_norm(g, 1), 2e30) < 1e-7);
    BOOST_TEST(golden::distance(g[a].value<float>()(2), 0.5) < 1e-7);
}

BOOST_AUTO_TEST_CASE(returns_nan_as_it_is) {
    Params p;
    Param& a = p.constant("a", {3}, 1);
    Tape tape;
    auto g = backward(sum(tape.lift(a) * xt::xarray<float>{1, std::numeric_limits<float>::quiet_NaN(), 2}));
    BOOST_TEST(std::isnan(clip_grad_norm(g, 1)));
    BOOST_TEST(std::isnan(g[a].value<float>()(0)));  // as in PyTorch
}

BOOST_AUTO_TEST_CASE(refuses_a_norm_that_is_none) {
    Params p;
    Param& a = p.constant("a", {3}, 1);
    Tape tape;
    auto g = backward(sum(tape.lift(a)));
    BOOST_TEST(has(message<ValueError>([&] { clip_grad_norm(g, -1); }),
                   "clip_grad_norm: max_norm is -1, but must be at least 0"));
    BOOST_CHECK_THROW(clip_grad_norm(g, std::nan("")), ValueError);
    BOOST_TEST(golden::distance(clip_grad_norm(g, std::numeric_limits<double>::infinity()), std::sqrt(3.0)) < 1e-7);
    BOOST_TEST(g[a].value<float>()(0) == 1);
    clip_grad_norm(g, 0);
    BOOST_TEST(g[a].value<float>()(0) == 0);
}

BOOST_AUTO_TEST_CASE(gradients_whose_squares_are_no_numbers_are_clipped_too) {
    for (double size : {1e200, 1e-200})
        for (double p : {2.0, 3.0}) {
            Params params(1, float64);
            Param& w = params.zeros("w", {4});
            Tape tape(float64);
            Gradients g       = backward(sum(tape.lift(w) * size));
            double const want = std::pow(4, 1 / p);
            BOOST_TEST(std::abs(clip_grad_norm(g, 0.5, p) / size / want - 1) < 1e-12);
            if (size > 1) BOOST_TEST(std::abs(g[w].value<double>()(0) * want / 0.5 - 1) < 1e-12);
        }
}

BOOST_AUTO_TEST_SUITE_END()
