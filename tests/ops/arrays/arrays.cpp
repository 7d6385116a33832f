// Operations of arrays: at the extremes, of nothing, and where they differ from what one might think.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <limits>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xmath.hpp>

using namespace unspool;
using namespace unspool::core;
using Types = boost::mpl::list<float, double>;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

template <Real T> bool all_finite(auto const& v) {
    return std::all_of(v.begin(), v.end(), [](T x) { return std::isfinite(x); });
}
template <Real T> xt::xarray<T> array_from(std::initializer_list<double> x) {
    return xt::cast<T>(xt::xarray<double>(x));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(arrays)

BOOST_AUTO_TEST_CASE_TEMPLATE(huge_numbers_make_probabilities, T, Types) {
    for (double huge : {1e4, 1e30}) {
        Tape tape(dtype_of<T>);
        Var x       = tape.input(array_from<T>({huge, -huge, 0, huge}));
        Var const p = softmax(x), l = log_softmax(x), s = logsumexp(x);
        BOOST_TEST(golden::near(p.template value<T>(), array_from<T>({0.5, 0, 0, 0.5}), 1e-6));
        BOOST_TEST(all_finite<T>(l.template value<T>()));
        BOOST_TEST(s.item() == huge + std::log(2.0), boost::test_tools::tolerance(1e-6));
        Var const loss = sum(p * p + l) + s;
        BOOST_TEST(all_finite<T>(backward(loss)[x].template value<T>()));
    }
}

BOOST_AUTO_TEST_CASE(of_minus_infinities) {
    Tape tape(float64);
    Var some = tape.input(xt::xarray<double>{-inf, 1, 1}), all = tape.input(xt::xarray<double>{-inf, -inf});
    BOOST_TEST(golden::near(softmax(some).value<double>(), xt::xarray<double>{0, 0.5, 0.5}, 1e-15));
    BOOST_TEST(logsumexp(all).item() == -inf);
    BOOST_TEST(golden::near(backward(logsumexp(all))[all].value<double>(), xt::xarray<double>{0, 0}, 0));
    BOOST_TEST(std::isnan(softmax(all).value<double>()(0)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(norms_do_not_overflow, T, Types) {
    Tape tape(dtype_of<T>);
    double const huge = static_cast<double>(std::numeric_limits<T>::max()) / 8,
                 tiny = static_cast<double>(std::numeric_limits<T>::min());
    for (double unit : {huge, tiny}) {
        Var const y = norm2(tape.input(array_from<T>({3 * unit, 4 * unit})));
        BOOST_TEST(y.item() == 5 * unit, boost::test_tools::tolerance(1e-6));
    }
    Var zero = tape.input(array_from<T>({0, 0}));
    BOOST_TEST(norm2(zero).item() == 0);
    BOOST_TEST(golden::near(backward(norm2(zero))[zero].template value<T>(), array_from<T>({0, 0}), 0));
}

BOOST_AUTO_TEST_CASE(the_largest_where_there_is_none_and_where_it_is_no_number) {
    Tape tape(float64);
    Var x    = tape.input(xt::xarray<double>{{1, not_a_number, 3}, {4, 4, -inf}}),
        none = tape.input(xt::xarray<double>::from_shape({2, 0}));
    BOOST_TEST(std::isnan(max(x).item()));
    BOOST_TEST(std::isnan(min(x, 1).value<double>()(0)));
    BOOST_TEST(max(x, 1).value<double>()(1) == 4);
    BOOST_TEST(min(x, 1).value<double>()(1) == -inf);
    BOOST_TEST(argmax(x).numbers[0] == 1);
    BOOST_TEST(argmax(x).numbers[1] == 0);
    BOOST_CHECK_THROW(max(none), ValueError);
    BOOST_CHECK_THROW(argmax(none), ValueError);
    BOOST_TEST((max(none, 0).shape() == Shape{0}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_nothing, T, Types) {
    Tape tape(dtype_of<T>);
    Var x = tape.input(xt::xarray<T>::from_shape({0, 3}));
    BOOST_TEST(prod(x).item() == 1);
    BOOST_TEST(prod(x, 0).template value<T>() == (xt::xarray<T>{1, 1, 1}));
    BOOST_TEST(norm2(x).item() == 0);
    BOOST_TEST(logsumexp(x).item() == -inf);
    BOOST_TEST(std::isnan(var(x).item()));
    BOOST_TEST((softmax(x).shape() == Shape{0, 3}));
    BOOST_TEST((split(x, 5, 0)[4].shape() == Shape{0, 3}));
    BOOST_CHECK_THROW(split(x, PTRDIFF_MAX, 0), MemoryError);
    BOOST_TEST((cumsum(x, 0).shape() == Shape{0, 3}));
    BOOST_TEST((layer_norm(x).shape() == Shape{0, 3}));
    BOOST_TEST((flip(x, 0).shape() == Shape{0, 3}));
    BOOST_TEST((matmul(transpose(x), x).shape() == Shape{3, 3}));
    BOOST_TEST(std::isnan(stddev(tape.input(array_from<T>({7})), {}, Reduced::drop).item()));
}

BOOST_AUTO_TEST_CASE(equal_numbers_have_no_deviation_and_no_gradient_of_it) {
    Tape tape(float64);
    Var x = tape.input(xt::xarray<double>{2, 2, 2});
    Var s = stddev(x);
    BOOST_TEST(s.item() == 0);
    BOOST_TEST(golden::near(backward(s)[x].value<double>(), xt::xarray<double>{0, 0, 0}, 0));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_dropped_depends_on_the_seed_alone, T, Types) {
    xt::xarray<T> const ones = xt::ones<T>({100, 30});
    Tape tape(dtype_of<T>);
    Var x       = tape.input(ones);
    Var const a = dropout(x, 0.25, 7), b = dropout(x, 0.25, 7), c = dropout(x, 0.25, 8);
    BOOST_TEST(a.value<T>() == b.value<T>());
    BOOST_TEST((a.value<T>() != c.value<T>()));
    double const kept = 1 - mean(a).item() * 0.75;  // what was kept is scaled by 4/3
    BOOST_TEST(std::abs(kept - 0.25) < 0.03);
    BOOST_TEST(backward(sum(a))[x].template value<T>() == a.value<T>());  // of ones: the mask, scaled
    Var const transposed = dropout(transpose(x), 0.25, 7);
    BOOST_TEST((transposed.shape() == Shape{30, 100}));
    BOOST_TEST(all_finite<T>(dropout(x, 0, 7).template value<T>()));
    BOOST_TEST(sum(dropout(x, 1, 7)).item() == 0);
    BOOST_CHECK_THROW(dropout(x, -0.1, 7), ValueError);
    BOOST_CHECK_THROW(dropout(x, not_a_number, 7), ValueError);
}

BOOST_AUTO_TEST_CASE(noise_has_the_moments_that_it_is_asked_for) {
    Tape tape(float64);
    Random random(5);
    auto moments        = [](Var const& x) { return std::pair{mean(x).item(), stddev(x).item()}; };
    auto const [nm, ns] = moments(normal(tape, {100, 200}, 3, 2, random));
    BOOST_TEST(std::abs(nm - 3) < 0.05);
    BOOST_TEST(std::abs(ns - 2) < 0.05);
    auto const [um, us] = moments(uniform(tape, {100, 200}, -1, 3, random));
    BOOST_TEST(std::abs(um - 1) < 0.05);
    BOOST_TEST(std::abs(us - 4 / std::sqrt(12)) < 0.03);
    BOOST_TEST(std::abs(mean(bernoulli(tape, {100, 200}, 0.3, random)).item() - 0.3) < 0.02);
    BOOST_TEST(!normal(tape, {2}, 0, 1, random).requires_grad());
    BOOST_CHECK_THROW(bernoulli(tape, {2}, 1.5, random), ValueError);
    BOOST_CHECK_THROW(normal(tape, {2}, 0, -1, random), ValueError);
    BOOST_CHECK_THROW(uniform(tape, {2}, 1, 0, random), ValueError);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_under_control, T, Types) {
    Tape tape(dtype_of<T>);
    Var x   = tape.input(array_from<T>({1, -2, 3}));
    auto of = [&](Var y) { return xt::xarray<T>(backward(y, array_from<T>({5, 0.5, -7}))[x].template value<T>()); };
    auto same_as = [&](std::initializer_list<double> g) { return array_from<T>(g); };
    BOOST_TEST(golden::near(of(scale_gradient(x, 0.5)), same_as({2.5, 0.25, -3.5}), 0));
    BOOST_TEST(golden::near(of(reverse_gradient(x)), same_as({-5, -0.5, 7}), 0));
    BOOST_TEST(golden::near(of(clip_gradient(x, 2)), same_as({2, 0.5, -2}), 0));
    BOOST_TEST(golden::near(of(x + clip_gradient(transpose(x), 2)), same_as({7, 1, -9}), 0));
    BOOST_TEST(clip_gradient(x, 2).template value<T>() == x.template value<T>());
    BOOST_TEST(!x.detach().requires_grad());
    BOOST_TEST(
        std::isnan(backward(clip_gradient(x, 2), array_from<T>({not_a_number, 0, 0}))[x].template value<T>()(0)));
    BOOST_CHECK_THROW(clip_gradient(x, -1), ValueError);
}

BOOST_AUTO_TEST_CASE(views_with_steps_are_what_their_copies_are) {
    Tape tape(float64);
    Var x = tape.input(xt::xarray<double>{{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}, {11, 12, 13, 14, 15}});
    for (Var v :
         {slice(x, 1, 0, 5, 2), slice(x, 1, 1, -1, 3), slice(slice(x, 0, 0, 3, 2), 1, 1, 5, 2), flip(x, 0),
          flip(slice(x, 1, 0, 5, 2), 1), transpose(flip(x, 1)), squeeze(slice(x, 0, 1, 2)), unsqueeze(flip(x, 1), 1)}) {
        Var const copy = tape.input(xt::xarray<double>(v.value<double>()));
        auto equal     = [](Var const& a, Var const& b) { return a.value<double>() == b.value<double>(); };
        BOOST_TEST(equal(exp(v) * v, exp(copy) * copy));
        BOOST_TEST(equal(sum(v, -1), sum(copy, -1)));
        BOOST_TEST(equal(softmax(v, 0), softmax(copy, 0)));
        BOOST_TEST(equal(contiguous(v), copy));
        if (v.shape().rank() == 2) BOOST_TEST(equal(matmul(transpose(v), v), matmul(transpose(copy), copy)));
    }
    BOOST_TEST(slice(x, 1, 0, 5, 2).value<double>() == (xt::xarray<double>{{1, 3, 5}, {6, 8, 10}, {11, 13, 15}}));
    BOOST_TEST(flip(x, 0).value<double>()(0, 1) == 12);
    BOOST_CHECK_THROW(slice(x, 0, 0, 3, 0), ValueError);
    BOOST_CHECK_THROW(slice(x, 0, 0, 3, -1), ValueError);
    BOOST_CHECK_THROW(squeeze(x, 0), ShapeError);
    BOOST_CHECK_THROW(unsqueeze(x, 3), IndexError);
    BOOST_CHECK_THROW(flip(x, 2), IndexError);
}

BOOST_AUTO_TEST_CASE(by_number) {
    Tape tape(float64);
    Var x = tape.input(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}});
    BOOST_TEST(gather(x, std::array{2, 0}).value<double>() == (xt::xarray<double>{3, 4}));
    BOOST_TEST(gather(x, xt::xarray<int>{{0, 0, 1}}, 0).value<double>() == (xt::xarray<double>{{1, 2, 6}}));
    BOOST_TEST(one_hot(tape, std::array{2, 0}, 3).value<double>() == (xt::xarray<double>{{0, 0, 1}, {1, 0, 0}}));
    BOOST_TEST((one_hot(tape, xt::xarray<int>(1), 2).shape() == Shape{2}));
    BOOST_CHECK_THROW(gather(x, std::array{3, 0}), IndexError);
    BOOST_CHECK_THROW(gather(x, std::array{-1, 0}), IndexError);
    BOOST_CHECK_THROW(gather(x, std::array{0, 0, 0}), ShapeError);
    BOOST_CHECK_THROW(gather(x, std::array{0, 0}, 2), IndexError);
    BOOST_CHECK_THROW(one_hot(tape, std::array{3}, 3), IndexError);
    BOOST_TEST((one_hot(tape, std::vector<int>{}, 0).shape() == Shape{0, 0}));
}

// Outside of the rows that are used, the gradient is zero, and another use of the table adds to it.
BOOST_AUTO_TEST_CASE(the_gradient_of_an_embedding_is_in_the_rows_used) {
    Tape tape(float64);
    Var table = tape.input(xt::xarray<double>(xt::ones<double>({5, 2})));
    BOOST_TEST(backward(sum(embedding(tape, table, std::array{3, 1, 3})))[table].value<double>() ==
               (xt::xarray<double>{{0, 0}, {1, 1}, {0, 0}, {2, 2}, {0, 0}}));
}

BOOST_AUTO_TEST_CASE(class_losses_refuse_what_makes_no_sense) {
    Tape tape(float64);
    Var x         = tape.input(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}});
    using Weights = std::vector<double>;
    std::array const targets{2, 0};
    BOOST_CHECK_THROW(cross_entropy(x, targets, ClassLoss{Over::mean, -100, Weights{1, 2}}), ShapeError);
    BOOST_CHECK_THROW(cross_entropy(x, targets, ClassLoss{Over::mean, -100, Weights{1, 2, -1}}), ValueError);
    BOOST_CHECK_THROW(cross_entropy(x, targets, ClassLoss{Over::mean, -100, Weights{1, 2, not_a_number}}), ValueError);
    BOOST_CHECK_THROW(cross_entropy(x, targets, ClassLoss{Over::mean, -100, {}, 1.5}), ValueError);
    BOOST_CHECK_THROW(nll(x, targets, ClassLoss{Over::mean, -100, {}, 0.1}), ValueError);
    BOOST_CHECK_THROW(nll(x, std::array{3, 0}), IndexError);
}

BOOST_AUTO_TEST_CASE(masked_losses_do_not_count) {
    Tape tape(float64);
    Var a     = tape.input(xt::xarray<double>{{1, 2}, {5, not_a_number}}),
        mask  = tape.constant(xt::xarray<double>{{1, 0}, {1, 0}});
    Var twice = tape.constant(xt::xarray<double>{2, 7});
    BOOST_TEST(mse(a, 0, {Over::mean, {}, mask}).item() == 13);  // (1 + 25) / 2, without the NaN
    BOOST_TEST(mse(a, 0, {Over::sum, twice, mask}).item() == 52);
    BOOST_TEST(mse(a, 0, {Over::none, {}, mask}).value<double>() == (xt::xarray<double>{{1, 0}, {25, 0}}));
    BOOST_TEST(golden::near(backward(mse(a, 0, {Over::mean, {}, mask}))[a].value<double>(),
                            xt::xarray<double>{{1, 0}, {5, 0}}, 0));
    BOOST_TEST(std::isnan(mse(a, 0, {Over::mean, {}, tape.constant(0)}).item()));  // no loss is left
    BOOST_CHECK_THROW(mse(a, 0, {Over::mean, tape.constant(xt::xarray<double>{1, 2, 3})}), ShapeError);
}

BOOST_AUTO_TEST_CASE(ctc_of_what_is_too_short) {
    Tape tape(float64);
    Var x    = tape.input(xt::xarray<double>{{{0.1, 0.2, 0.3}}, {{0.5, 0.1, 0.2}}});  // T=2: no room for 1, blank, 1
    Var l    = log_softmax(x);
    Var lost = ctc(l, {{1, 1}}, Over::sum), saved = ctc(l, {{1, 1}}, {Over::sum, 0, {}, true});
    BOOST_TEST(lost.item() == inf);
    BOOST_TEST(saved.item() == 0);
    BOOST_TEST(std::isnan(backward(lost)[x].value<double>()(0, 0, 0)));
    BOOST_TEST(golden::near(backward(saved)[x].value<double>(), xt::xarray<double>(xt::zeros<double>({2, 1, 3})), 0));
    Var const certain = ctc(l, {{}}, Over::sum);  // nothing but blanks
    BOOST_TEST(certain.item() == -l.value<double>()(0, 0, 0) - l.value<double>()(1, 0, 0),
               boost::test_tools::tolerance(1e-14));
    BOOST_CHECK_THROW(ctc(l, {{0}}), IndexError);  // the blank
    BOOST_CHECK_THROW(ctc(l, {{3}}), IndexError);
    BOOST_CHECK_THROW(ctc(l, {{1}, {1}}), ShapeError);
    BOOST_CHECK_THROW(ctc(l, {{1}}, {Over::sum, 3}), IndexError);
    BOOST_CHECK_THROW(ctc(l, {{1}}, {Over::sum, 0, {3}}), IndexError);
    BOOST_CHECK_THROW(ctc(l[0], {{1}}), ShapeError);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_is_not_lost_in_losses, T, Types) {
    Tape tape(dtype_of<T>);
    Var x   = tape.input(array_from<T>({not_a_number, -0.1, 1.1, not_a_number})),
        t   = tape.constant(array_from<T>({0, 1, 0, 1}));
    Var bad = bce(x, t, Over::none);
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::isnan(bad.template value<T>()(i)));
    xt::xarray<T> p = xt::log(xt::ones<T>({4, 1, 3}) / T(3));
    p(1, 0, 0)      = static_cast<T>(not_a_number);
    BOOST_TEST(std::isnan(ctc(tape.input(p), {{1, 2}}).item()));
    BOOST_TEST(std::isnan(huber(x, t).item()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(equal_numbers_do_not_deviate_however_they_round, T, Types) {
    for (double value : {0.3, 1e6 + 0.1, -1.0 / 3, 1e-20})
        for (std::size_t n : {2u, 3u, 7u, 30u, 129u, 1000u}) {
            Tape tape(dtype_of<T>);
            Var x = tape.input(xt::xarray<T>(xt::ones<T>({n}) * static_cast<T>(value)));
            Var s = stddev(x), v = var(x), y = layer_norm(x);
            BOOST_TEST(s.item() == 0);
            BOOST_TEST(v.item() == 0);
            BOOST_TEST(backward(s)[x].template value<T>() == xt::xarray<T>(xt::zeros<T>({n})));
            BOOST_TEST(y.template value<T>() == xt::xarray<T>(xt::zeros<T>({n})));
        }
    Tape tape(dtype_of<T>);
    xt::xarray<T> far = xt::zeros<T>({1000});
    for (std::size_t i = 0; i < 1000; ++i) far(i) = T(16384) + static_cast<T>(i % 3) * T(0x1p-9);
    BOOST_TEST(var(tape.input(far), {}, Reduced::drop, 0).item() == 0x1p-18 * 2 / 3,
               boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(sizes_that_no_array_has) {
    Tape tape(float64);
    Var x            = tape.input(xt::xarray<double>(xt::ones<double>({64})));
    Index const most = std::numeric_limits<Index>::max(), large = Index{1} << 40;
    Random random(1);
    auto const size = tape.size();
    BOOST_CHECK_THROW(pad(x, 0, most, most - 60), ShapeError);
    BOOST_CHECK_THROW(pad(x, 0, large * 4, 0), MemoryError);
    BOOST_CHECK_THROW(repeat(x, most, 0), ShapeError);
    BOOST_CHECK_THROW(repeat(x, large, 0), MemoryError);
    BOOST_CHECK_THROW(broadcast_to(x, {most, 64}), ShapeError);
    BOOST_CHECK_THROW(one_hot(tape, std::array{0, 1}, large), MemoryError);
    BOOST_CHECK_THROW(uniform(tape, {large}, 0, 1, random), MemoryError);
    BOOST_CHECK_THROW(normal(tape, {-1}, 0, 1, random), ShapeError);
    BOOST_TEST(tape.size() == size);
    BOOST_TEST((slice(x, 0, 0, 3, most).shape() == Shape{1}));
    BOOST_TEST(slice(x, 0, 0, 3, most).value<double>()(0) == 1);
}

BOOST_AUTO_TEST_CASE(numbers_do_not_outlive_their_tape) {
    Tape tape(float64), other(float64);
    Var x               = tape.input(xt::xarray<double>{{1, 2}, {4, 3}});
    Indices const stale = argmax(x, 0);
    BOOST_TEST(gather(x, stale, 0).value<double>() == (xt::xarray<double>{4, 3}));
    BOOST_CHECK_THROW(gather(other.input(xt::xarray<double>{{1, 2}, {4, 3}}), stale, 0), TapeError);
    tape.rewind();
    Var y = tape.input(xt::xarray<double>{{1, 2}, {4, 3}});
    BOOST_CHECK_THROW(gather(y, stale, 0), TapeError);
    BOOST_CHECK_THROW(embedding(tape, y, stale), TapeError);
    BOOST_CHECK_THROW(one_hot(tape, stale, 2), TapeError);
    BOOST_CHECK_THROW(cross_entropy(y, stale), TapeError);
    BOOST_CHECK_THROW(nll(y, stale), TapeError);
}

// A list of numbers that begins with 0 is not a place in a source file.
BOOST_AUTO_TEST_CASE(lists_of_axes_that_begin_with_zero) {
    Tape tape(float64);
    Var x = tape.input(xt::xarray<double>(xt::ones<double>({1, 3, 1})));
    BOOST_TEST((transpose(x, {0, 2, 1}).shape() == Shape{1, 1, 3}));
    BOOST_TEST((squeeze(x, {0, 2}).shape() == Shape{3}));
    BOOST_TEST((squeeze(x, {0}).shape() == Shape{3, 1}));
    BOOST_TEST((transpose(transpose(x, {0, 1, 2})).shape() == Shape{1, 3, 1}));
    BOOST_CHECK_THROW(squeeze(x, {0, 1}), ShapeError);
}

BOOST_AUTO_TEST_CASE(plain_arrays_are_constants) {
    Tape tape(float64);
    xt::xarray<double> const a{{1, 2}, {3, 4}};
    Var x = tape.input(xt::xarray<double>{{0.5, -1}, {2, 0.25}}), c = tape.constant(a);
    auto same = [](Var const& p, Var const& q) { return p.value<double>() == q.value<double>(); };
    BOOST_TEST(same(matmul(x, a), matmul(x, c)));
    BOOST_TEST(same(matmul(2 * a, x), matmul(Var(2 * c), x)));
    BOOST_TEST(same(Var(linear(x, a)), Var(linear(x, c))));
    BOOST_TEST(same(dot(x, a), dot(x, c)));
    BOOST_TEST(same(outer(a, x), outer(c, x)));
    BOOST_TEST(same(cosine(x, a), cosine(x, c)));
    BOOST_TEST(same(gaussian_nll(x, a, 1.5), gaussian_nll(x, c, 1.5)));
    auto const kept = linear(x, 3 * a);  // a term outlives the array
    BOOST_TEST(same(Var(kept), Var(linear(x, Var(3 * c)))));
    BOOST_TEST(!matmul(c, a).requires_grad());
}

BOOST_AUTO_TEST_CASE(losses_of_vectors_and_bounds) {
    Tape tape(float64);
    for (double unit : {1e-5, 1.0, 1e150}) {
        Var x = tape.input(xt::xarray<double>{unit, unit});
        BOOST_TEST(std::abs(cosine(x, x).item()) < 1e-12);
    }
    Var x = tape.input(xt::xarray<double>{1, 2}), v = tape.input(xt::xarray<double>{0, 1});
    BOOST_CHECK_THROW(huber(x, 0, 0), ValueError);
    BOOST_CHECK_THROW(huber(x, 0, not_a_number), ValueError);
    BOOST_CHECK_THROW(layer_norm(x, -1, -1), ValueError);
    BOOST_CHECK_THROW(dot(x[0], x[1]), ShapeError);
    BOOST_CHECK_THROW(cosine(x[0], x[1]), ShapeError);
    BOOST_TEST(backward(gaussian_nll(x, 0, v, Over::sum))[v].value<double>()(0) <
               0);  // below its bound, too, it can grow
    auto const size = tape.size();
    BOOST_CHECK_THROW(gaussian_nll(x, x, tape.constant(xt::xarray<double>{1, 2, 3})), ShapeError);
    BOOST_TEST(tape.size() == size + 1);  // the constant
}

BOOST_AUTO_TEST_CASE(predictions_are_weighed_and_masked) {
    Tape tape(float64);
    Var x    = tape.input(xt::xarray<double>{{1, 2, 4}, {0.5, -1, 2}, {0, 1, 0}});
    Var each = cross_entropy(x, std::array{2, 0, 1}, Over::none), w = tape.constant(xt::xarray<double>{1, 0.5, 2});
    auto l = each.value<double>();
    BOOST_TEST(over(each, {Over::sum, w}).item() == l(0) + 0.5 * l(1) + 2 * l(2), boost::test_tools::tolerance(1e-14));
    BOOST_TEST(over(each, {Over::mean, {}, tape.constant(xt::xarray<double>{1, 0, 1})}).item() == (l(0) + l(2)) / 2,
               boost::test_tools::tolerance(1e-14));
    BOOST_TEST(nll(log_softmax(x), std::array{2, 0, 1}, Over::sum).item() == l(0) + l(1) + l(2),
               boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_SUITE_END()
