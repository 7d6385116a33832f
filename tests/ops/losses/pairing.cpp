// Losses refuse operands that do not belong together, and say what is probably meant.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

template <class E> std::string refusal(std::function<void()> const& f) {
    try {
        f();
    } catch (E const& e) { return e.what(); }
    return "nothing";
}
bool has(std::string const& text, std::string_view part) { return text.find(part) != text.npos; }

/// Ones of some shapes.
struct Ones {
    Tape tape{float64};
    Var of(Shape const& s) {
        return tape.input(xt::xarray<double>(xt::ones<double>(std::vector<std::size_t>(s.begin(), s.end()))));
    }
    Var fixed(Shape const& s) { return of(s).detach(); }
};

using LossOfTwo = std::function<Var(Var, Var)>;
std::vector<std::pair<std::string, LossOfTwo>> losses_of_two() {
    return {{"mse", [](Var a, Var b) { return mse(a, b); }},
            {"mae", [](Var a, Var b) { return mae(a, b); }},
            {"huber", [](Var a, Var b) { return huber(a, b); }},
            {"bce", [](Var a, Var b) { return bce(a, b); }},
            {"bce_with_logits", [](Var a, Var b) { return bce_with_logits(a, b); }},
            {"kl_div", [](Var a, Var b) { return kl_div(a, b); }},
            {"hinge", [](Var a, Var b) { return hinge(a, b); }},
            {"poisson_nll", [](Var a, Var b) { return poisson_nll(a, b); }},
            {"gaussian_nll", [](Var a, Var b) { return gaussian_nll(a, b, 1); }},
            {"gaussian_kl", [](Var a, Var b) { return gaussian_kl(a, b); }},
            {"cosine", [](Var a, Var b) { return cosine(a, b); }}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pairing)

BOOST_AUTO_TEST_CASE(no_loss_repeats_its_operands) {
    Ones ones;
    for (auto const& [name, loss] : losses_of_two()) {
        for (auto const& [a, b] : {std::pair{Shape{3, 1}, Shape{3}},
                                   {Shape{3, 3}, Shape{3}},
                                   {Shape{3}, Shape{3, 3}},
                                   {Shape{2, 3}, Shape{1, 3}},
                                   {Shape{1}, Shape{3}},
                                   {Shape{}, Shape{3}}}) {
            if (name == "gaussian_kl" && b == Shape{1, 3}) continue;  // a variance for a whole axis
            Var const x = ones.of(a), y = ones.fixed(b);
            auto const size        = ones.tape.size();
            std::string const said = refusal<ShapeError>([&] { loss(x, y); });
            BOOST_TEST(has(said, "pairing.cpp:"), name << " took " << text(a) << " and " << text(b));
            BOOST_TEST((has(said, text(a)) && has(said, text(b))), said);
            BOOST_TEST(ones.tape.size() == size);
        }
        Var const x = ones.of({3, 1});
        BOOST_CHECK_NO_THROW(loss(x, ones.fixed({3, 1})));
        BOOST_CHECK_NO_THROW(loss(x, broadcast_to(ones.fixed({1}), x.shape())));
    }
}

BOOST_AUTO_TEST_CASE(the_likely_cause_is_named) {
    Ones ones;
    auto said = [&](Shape const& a, Shape const& b) {
        return refusal<ShapeError>([&] { mse(ones.of(a).named("p"), ones.fixed(b).named("t")); });
    };
    BOOST_TEST(has(said({3, 1}, {3}), "reshape(prediction, {3}) fits"));
    BOOST_TEST(has(said({2, 3}, {3, 2}), "transpose(target) fits"));
    BOOST_TEST(has(said({2, 6}, {4, 3}), "reshape(target, {2,6}) fits"));
    BOOST_TEST(has(said({2, 3}, {2}), "cross_entropy"));
    BOOST_TEST(has(said({2, 3}, {3}), "broadcast_to(target, prediction.shape())"));
    BOOST_TEST(has(said({}, {3}), "averaged already"));
    BOOST_TEST(has(said({2, 3}, {3}), "prediction p  [2,3]"));
    BOOST_TEST(has(said({2, 3}, {3}), "target t      [3]"));
}

BOOST_AUTO_TEST_CASE(numbers_and_scalars_go_with_all) {
    Ones ones;
    Var const x = ones.of({2, 3});
    BOOST_TEST(mse(x, 3).item() == 4);
    BOOST_TEST(mse(x, ones.tape.constant(3.0)).item() == 4);
    BOOST_TEST(mse(2, x).item() == 1);
    BOOST_TEST(bce(ones.fixed({2}), 1).item() == 0);
}

BOOST_AUTO_TEST_CASE(terms_have_the_shapes_of_their_results) {
    Ones ones;
    Params params(1, float64);
    Param& w    = params.constant("w", {3}, 2);
    Var const x = ones.of({2, 3}), column = ones.of({2, 1}), row = ones.of({3});
    BOOST_TEST(mse(column * row, 2 * x).item() == 1);
    BOOST_TEST(mse(linear(row, x), 0).item() == 9);  // a product that no one has recorded yet
    BOOST_TEST(mse(x, linear(x, ones.of({3, 3})) + x - 3).item() == 0);
    BOOST_TEST(mse(w, row).item() == 1);
    BOOST_CHECK_THROW(mse(x, w), ShapeError);
    BOOST_CHECK_THROW(mse(column * row, row), ShapeError);
    BOOST_CHECK_THROW(mse(linear(x, ones.of({3, 3})), row), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_variance_says_along_which_axes_it_repeats) {
    Ones ones;
    Var const x            = ones.of({5, 5});
    std::string const said = refusal<ShapeError>([&] { gaussian_nll(x, x, ones.of({5})); });
    BOOST_TEST(has(said, "a variance for a whole axis has the size 1 there"), said);
    for (Shape const& s : {Shape{1, 5}, Shape{5, 1}, Shape{5, 5}, Shape{}})
        BOOST_CHECK_NO_THROW(gaussian_nll(x, x, ones.of(s)));
    BOOST_CHECK_THROW(gaussian_nll(ones.of({1, 5}), ones.of({1, 5}), x), ShapeError);  // it makes no more losses
    BOOST_CHECK_NO_THROW(gaussian_kl(x, x, ones.of({1, 5}), ones.of({5, 1})));
    BOOST_CHECK_THROW(gaussian_kl(x, x, ones.of({5}), 0), ShapeError);
}

BOOST_AUTO_TEST_CASE(masks_and_weights_repeat_and_losses_do_not) {
    Ones ones;
    Var const x = ones.of({3, 3, 1}), steps = ones.fixed({3, 3});
    BOOST_CHECK_THROW(mse(x, x, {Over::mean, {}, steps}), ShapeError);  // of [T,B,1] by [T,B]
    BOOST_CHECK_THROW(mse(x, x, {Over::mean, steps}), ShapeError);
    BOOST_CHECK_NO_THROW(mse(x, x, {Over::mean, ones.fixed({3, 1}), unsqueeze(steps, -1)}));
    BOOST_CHECK_THROW(
        over(cross_entropy(ones.of({3, 2}), std::vector{0, 1, 0}, Over::none), {Over::mean, ones.of({3, 1})}),
        ShapeError);
}

BOOST_AUTO_TEST_CASE(targets_are_what_they_can_be) {
    Tape tape(float32);
    Var const p            = tape.input(std::vector<float>{0.5F, 0.25F});
    auto const of          = [&](double b) { return tape.constant(std::vector<double>{1, b}); };
    std::string const said = refusal<ValueError>([&] { bce(p, of(2)); });
    BOOST_TEST(has(said, "bce: target[1] is 2"), said);
    BOOST_TEST(has(said, "cross_entropy"));
    BOOST_CHECK_THROW(bce(p, of(-0.1)), ValueError);
    BOOST_CHECK_THROW(bce(p, std::vector{1, 2}), ValueError);
    BOOST_CHECK_THROW(bce(p, 1.5), ValueError);
    BOOST_CHECK_THROW(bce(p, 2 * of(1)), ValueError);  // a term
    BOOST_CHECK_THROW(bce_with_logits(p, of(-1)), ValueError);
    BOOST_CHECK_THROW(hinge(p, of(0)), ValueError);
    BOOST_CHECK_THROW(poisson_nll(p, of(-1)), ValueError);
    BOOST_CHECK_THROW(kl_div(p, of(-0.5)), ValueError);
    BOOST_CHECK_NO_THROW(bce(p, of(1)));
    BOOST_CHECK_NO_THROW(hinge(p, of(-1)));
    BOOST_CHECK_NO_THROW(mse(p, of(-7)));
    BOOST_TEST(std::isnan(bce(p, of(std::nan(""))).item()));  // a NaN is no one's mistake here
}

BOOST_AUTO_TEST_CASE(what_a_mask_leaves_out_may_be_anything) {
    Tape tape(float64);
    Var const p = tape.input(xt::xarray<double>{{0.5, 0.5}, {0.5, 0.5}}),
              t = tape.constant(xt::xarray<double>{{1, -1}, {0, -1}});
    BOOST_TEST(bce(p, t, {Over::mean, {}, tape.constant(xt::xarray<double>{1, 0})}).item() == std::log(2.0),
               boost::test_tools::tolerance(1e-15));
    BOOST_CHECK_THROW(bce(p, t, {Over::mean, {}, tape.constant(xt::xarray<double>{0, 1})}), ValueError);
}

BOOST_AUTO_TEST_CASE(targets_to_differentiate_by_are_not_looked_at) {
    Tape tape(float64);
    Var const p = tape.input(xt::xarray<double>{0.5}), t = tape.input(xt::xarray<double>{1.001});
    BOOST_CHECK_NO_THROW(bce(p, t));  // a difference goes beyond the end
}

BOOST_AUTO_TEST_CASE(classes_are_targets_as_they_are) {
    Tape tape(float64);
    Var const column = tape.input(xt::xarray<double>(0.25 * xt::ones<double>({3, 1}))),
              row    = reshape(column, {3}).detach();
    std::vector<Index> const classes{1, 0, 0};
    double const want = bce(row, xt::xarray<double>{1, 0, 0}).item();
    BOOST_TEST(bce(column, classes).item() == want);
    BOOST_TEST(bce(row, classes).item() == want);
    BOOST_TEST(bce(row, xt::xarray<int>{1, 0, 0}).item() == want);
    BOOST_TEST(bce_with_logits(column, classes).item() == bce_with_logits(row, classes).item());
    BOOST_CHECK_THROW(bce(column, std::vector{1, 0}), ShapeError);
    BOOST_CHECK_THROW(mse(column, classes), ShapeError);  // numbers, not classes
    BOOST_CHECK_NO_THROW(mse(row, classes));
}

BOOST_AUTO_TEST_SUITE_END()
