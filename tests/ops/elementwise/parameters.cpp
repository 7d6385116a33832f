// Parameters in terms: alone, with one another, fixed, and read as a formula says.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xrandom.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Fixture {
    Params p{5, float64};
    Param &a = p.normal("a", {4}, 0, 1), &b = p.normal("b", {4}, 0, 1), &W = p.normal("W", {3, 4}, 0, 1);
    Tape tape{float64};
    Var x = tape.input(xt::xarray<double>{{0.3, -0.7, 1.2, 0.1}, {-1.1, 0.4, 0.2, 0.9}}, "x");
    Var la() { return tape.lift(a); }
    Var lb() { return tape.lift(b); }
};

bool same(Var const& a, Var const& b) { return a.value<double>() == b.value<double>(); }

// But for the order in which products add up, which depends on how their operands lie.
bool alike(xt::xarray<double> const& u, xt::xarray<double> const& v) {
    return u.shape() == v.shape() && xt::amax(xt::abs(u - v))() <= 1e-14 * (1 + xt::amax(xt::abs(u))());
}

// Two spellings have the same value and the same gradients.
void check_same(Fixture& f, Var const& y, Var const& z) {
    BOOST_TEST(alike(y.value<double>(), z.value<double>()));
    Gradients const g = backward(sum(y * y)), h = backward(sum(z * z));
    for (Param* p : f.p.all()) BOOST_TEST(alike(g[*p].value<double>(), h[*p].value<double>()), p->path());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(parameters_in_terms, Fixture)

BOOST_AUTO_TEST_CASE(wait_for_a_tape) {
    Var y = sigmoid(a) * x + (1 - sigmoid(a)) * b / 2;
    Var z = sigmoid(la()) * x + (1 - sigmoid(la())) * lb() / 2;
    check_same(*this, y, z);
    Var u = x * (a * b + exp(-square(a)) - maximum(a, b));
    Var v = x * (la() * lb() + exp(-square(la())) - maximum(la(), lb()));
    check_same(*this, u, v);
    auto const rate = 1 / (1 + exp(a));  // kept, and used twice
    Var s = rate * x, t = x * rate + b;
    check_same(*this, s, 1 / (1 + exp(la())) * x);
    check_same(*this, t, x * (1 / (1 + exp(la()))) + lb());
}

BOOST_AUTO_TEST_CASE(are_reduced_when_the_tape_is_known) {
    Var y = x * sum(square(a)) + mean(exp(W), 0, Reduced::keep) * sum(a);
    Var z = x * sum(square(la())) + mean(exp(tape.lift(W)), 0, Reduced::keep) * sum(la());
    check_same(*this, y, z);
}

BOOST_AUTO_TEST_CASE(are_operands_of_products_and_calls) {
    Param& c = p.normal("c", {3}, 0, 1);
    Var y    = linear(x, exp(W), tanh(c)) + linear(x, W * a);
    Var z    = linear(x, exp(tape.lift(W)), tanh(tape.lift(c))) + linear(x, tape.lift(W) * la());
    check_same(*this, y, z);
    check_same(*this, concat({x, Var(x * a)}), concat({x, Var(x * la())}));
    check_same(*this, matmul(x, transpose(tape.lift(W)) * 2), matmul(x, transpose(Var(W * 2 + 0 * x[0]))));
    BOOST_CHECK_THROW(Var(linear(W, exp(W))), TapeError);
}

BOOST_AUTO_TEST_CASE(are_checked_like_all_others) {
    Param& c = p.normal("c", {3}, 0, 1);
    BOOST_TEST(gradcheck(p, [&](Tape& t) -> Var {
        Var const in = t.constant(x.value<double>());
        Var y        = tanh(linear(in, W / sqrt(sum(square(W), -1, Reduced::keep)), exp(c))) * sigmoid(c);
        return sum(y * y) + 0.1 * sum(square(W)) + sum(in * a * b);
    }));
}

BOOST_AUTO_TEST_CASE(are_read_as_a_formula_says) {
    auto const normalised = [&](Tape& t) -> Var {
        Var const w = t.lift(W);
        return w / sqrt(sum(w * w, -1, Reduced::keep));
    };
    tape.replace(W, normalised(tape));
    Var y = linear(x, W);
    Tape plain(float64);
    Var z = linear(plain.constant(x.value<double>()), normalised(plain));
    BOOST_TEST(same(y, z));
    Gradients const g = backward(sum(y * y)), h = backward(sum(z * z));
    BOOST_TEST(xt::allclose(g[W].value<double>(), h[W].value<double>(), 1e-13, 1e-13));
    BOOST_CHECK_THROW(tape.replace(W, x), ShapeError);
    tape.rewind();
    Var const again = tape.lift(W);
    BOOST_TEST(again.value<double>() == W.value<double>());
}

BOOST_AUTO_TEST_CASE(replaced_ones_come_back_with_a_mark) {
    Tape::Mark const before = tape.mark();
    tape.replace(a, tape.constant(xt::xarray<double>{1, 2, 3, 4}));
    xt::xarray<double> const got = Var(x * a).value<double>(), in = x.value<double>();
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 4; ++j) BOOST_TEST(got(i, j) == in(i, j) * static_cast<double>(j + 1));
    tape.rewind(before);
    BOOST_TEST(same(x * a, x * la()));
}

BOOST_AUTO_TEST_CASE(that_are_fixed_stay) {
    Param& A = p.fixed("A", xt::xarray<double>{{1, 2, 3, 4}, {5, 6, 7, 8}});
    BOOST_TEST(!A.trained());
    BOOST_TEST(A.value<double>()(1, 3) == 8);
    Var const y       = linear(x, A) + linear(x, A * 1.0);
    Gradients const g = backward(sum(y) + sum(square(W)));
    BOOST_TEST((g.reached(W) && !g.reached(A)));
    BOOST_TEST(tape.lift(A).window().data == A.data());  // not copied
    BOOST_TEST(!tape.lift(A).requires_grad());
    BOOST_TEST(p["A"].count() == 8);
}

BOOST_AUTO_TEST_SUITE_END()
