// Losses, log-probabilities, embedding and linear against PyTorch's values and gradients.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using golden::Json;
using Types = boost::mpl::list<float, double>;

namespace {

template <Real T> constexpr double tolerance = std::same_as<T, float> ? 2e-6 : 1e-12;

Over over(std::string const& how) { return how == "mean" ? Over::mean : how == "sum" ? Over::sum : Over::none; }

template <Real T> void check_cross_entropy(Json const& c, std::string const& how) {
    std::string const what = c["name"].get<std::string>() + ", " + how;
    Json const& want       = c[how];
    Tape tape(dtype_of<T>);
    Var x          = tape.input(golden::array<T>(c["logits"]));
    Var const loss = cross_entropy(x, golden::array<int>(c["targets"]), over(how));
    BOOST_TEST(golden::near(loss.value<T>(), golden::array<T>(want["loss"]), tolerance<T>), what);
    Gradients const g = how == "none" ? backward(loss, golden::array<T>(want["loss_weights"])) : backward(loss);
    BOOST_TEST(golden::near(g[x].template value<T>(), golden::array<T>(want["gradient"]), tolerance<T>), what);
}

/// Loss and gradients of a layer, whose parameters stand in the tape's order.
template <Real T>
void check_layer(Json const& c, Var const& y, std::vector<std::pair<std::string, Var>> const& leaves) {
    BOOST_TEST(golden::near(y.value<T>(), golden::array<T>(c["outputs"]["output"]), tolerance<T>), c["name"]);
    Gradients const g = backward(y, golden::array<T>(c["loss_weights"]["output"]));
    for (auto const& [name, leaf] : leaves)
        BOOST_TEST(golden::near(g[leaf].template value<T>(), golden::array<T>(c["gradients"][name]), 10 * tolerance<T>),
                   c["name"] << ", " << name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(losses)

BOOST_AUTO_TEST_CASE_TEMPLATE(cross_entropy_is_that_of_pytorch, T, Types) {
    Json const cases = golden::file("losses")["cross_entropy"];
    BOOST_TEST(cases.size() >= 3);
    for (Json const& c : cases)
        for (std::string const how : {"mean", "sum", "none"}) check_cross_entropy<T>(c, how);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(log_softmax_is_that_of_pytorch, T, Types) {
    Json const cases = golden::file("losses")["log_softmax"];
    BOOST_TEST(cases.size() >= 4);
    for (Json const& c : cases) {
        Tape tape(dtype_of<T>);
        Var x       = tape.input(golden::array<T>(c["x"]));
        Var const y = log_softmax(x);
        BOOST_TEST(golden::near(y.template value<T>(), golden::array<T>(c["y"]), tolerance<T>), c["name"]);
        Gradients const g = backward(y, golden::array<T>(c["loss_weights"]));
        BOOST_TEST(golden::near(g[x].template value<T>(), golden::array<T>(c["gradient"]), 3 * tolerance<T>),
                   c["name"]);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(embedding_is_that_of_pytorch, T, Types) {
    Json const cases = golden::file("layers")["embedding"];
    BOOST_TEST(cases.size() >= 2);
    for (Json const& c : cases) {
        Tape tape(dtype_of<T>);
        Var w       = tape.input(golden::array<T>(c["parameters"]["weight"]));
        Var const y = embedding(tape, w, golden::array<int>(c["inputs"]["indices"]));
        check_layer<T>(c, y, {{"weight", w}});
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(linear_is_that_of_pytorch, T, Types) {
    Json const cases = golden::file("layers")["linear"];
    int without_bias = 0;
    for (Json const& c : cases) {
        Tape tape(dtype_of<T>);
        Var x = tape.input(golden::array<T>(c["inputs"]["x"])),
            w = tape.input(golden::array<T>(c["parameters"]["weight"]));
        if (c["parameters"].contains("bias")) {
            Var b       = tape.input(golden::array<T>(c["parameters"]["bias"]));
            Var const y = linear(x, w, b);
            check_layer<T>(c, y, {{"x", x}, {"weight", w}, {"bias", b}});
        } else {
            Var const y = linear(x, w);
            check_layer<T>(c, y, {{"x", x}, {"weight", w}});
            ++without_bias;
        }
    }
    BOOST_TEST(without_bias >= 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(ignored_targets_do_not_count, T, Types) {
    xt::xarray<T> const logits{{1, 2, 4}, {0.5, -1, 2}, {3, 1, 1}, {0, 0, 1}};
    Tape tape(dtype_of<T>);
    Var x = tape.input(logits), two = tape.input(xt::xarray<T>{{0.5, -1, 2}, {0, 0, 1}});
    Var const some = cross_entropy(x, std::array{-100, 0, -100, 2}), same = cross_entropy(two, std::array{0, 2});
    BOOST_TEST(some.item() == same.item());
    auto const dx = backward(some)[x].template value<T>();
    BOOST_TEST(dx(0, 2) == 0);
    BOOST_TEST(dx(2, 0) == 0);
    BOOST_TEST(dx(1, 0) < 0);
    BOOST_TEST(std::isnan(cross_entropy(x, std::array{7, 7, 7, 7}, Over::mean, 7).item()));  // no target is left
    BOOST_TEST(cross_entropy(x, std::array{7, 7, 7, 7}, Over::sum, 7).item() == 0);
    BOOST_TEST(cross_entropy(x, std::array{7, 7, 7, 7}, Over::none, 7).template value<T>() ==
               (xt::xarray<T>{0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(targets_may_be_any_integers) {
    Tape tape(float64);
    Var x       = tape.input(xt::xarray<double>{{1, 2, 4}, {0.5, -1, 2}});
    double want = cross_entropy(x, std::vector<int>{2, 0}).item();
    BOOST_TEST(cross_entropy(x, xt::xarray<long>{2, 0}).item() == want);
    BOOST_TEST(cross_entropy(x, std::vector<std::uint8_t>{2, 0}).item() == want);
    BOOST_TEST(cross_entropy(x, xt::xarray<unsigned short>{1, 0} + 1 - xt::xarray<unsigned short>{0, 1}).item() ==
               want);
    BOOST_TEST(cross_entropy(transpose(transpose(x)), std::array<std::int64_t, 2>{2, 0}).item() == want);
}

BOOST_AUTO_TEST_SUITE_END()
