// The reverse sweep, and what it returns.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {
using Floats = xt::xarray<float>;
Floats const a{1, 2, 3}, b{10, 20, 40};
}  // namespace

BOOST_AUTO_TEST_SUITE(gradients)

BOOST_AUTO_TEST_CASE(of_a_chain) {
    Tape tape;
    Var const x = tape.input(a), y = x * x, loss = sum(y * b);
    Gradients const g = backward(loss);
    BOOST_TEST((g[x].value<float>() == Floats{20, 80, 240}));
    BOOST_TEST((g[x[1]].item() == 80 && g[slice(x, 0, 1, 3)].value<float>() == Floats{80, 240}));
    BOOST_TEST((g[x].shape() == Shape{3} && g[x].dtype() == float32));
    Floats const copy = g[x];
    BOOST_TEST((copy == Floats{20, 80, 240}));
    BOOST_CHECK_THROW(g[x].value<double>(), TypeError);
    BOOST_CHECK_THROW(g[x].item(), ShapeError);
}

BOOST_AUTO_TEST_CASE(two_sweeps_do_not_disturb_each_other) {
    Tape tape;
    Var const x = tape.input(a), y = x * b, first = sum(y), second = sum(y * y);
    Gradients const g = backward(first), h = backward(second), again = backward(first);
    BOOST_TEST((g[x].value<float>() == b && again[x].value<float>() == b));
    BOOST_TEST((h[x].value<float>() == Floats{200, 1600, 9600}));
}

BOOST_AUTO_TEST_CASE(of_what_lies_between) {
    Tape tape;
    Var const x = tape.input(a), y = x * x, loss = sum(y * b);
    BOOST_CHECK_THROW(backward(loss)[y], TapeError);
    Gradients const g = backward(loss, Keep::all);
    BOOST_TEST((g[y].value<float>() == b && g[loss].item() == 1 && g[y[2]].item() == 40));
}

BOOST_AUTO_TEST_CASE(of_what_was_not_reached) {
    Tape tape;
    Params params;
    Param& w    = params.constant("w", {2, 2}, 1);
    Var const x = tape.input(a), other = tape.input(b), p = tape.lift(w), unused = other * p[0][0], loss = sum(x);
    Gradients const g = backward(loss);
    BOOST_TEST((g[other].value<float>() == Floats{0, 0, 0} && g[unused].value<float>() == Floats{0, 0, 0}));
    BOOST_TEST((g[w].value<float>() == Floats{{0, 0}, {0, 0}} && !g.reached(w)));
    Var const later = tape.input(b);
    BOOST_TEST((g[later].value<float>() == Floats{0, 0, 0}));
    BOOST_TEST((g[x].value<float>() == Floats{1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(a_constant_has_none) {
    Tape tape;
    Var const x = tape.input(a), c = tape.constant(b), loss = sum(x * c);
    Gradients const g = backward(loss);
    BOOST_CHECK_THROW(g[c], TapeError);
    BOOST_CHECK_THROW(g[x.detach()], TapeError);
    BOOST_CHECK_THROW(backward(sum(c * 2)), TapeError);
}

/// An operation whose derivatives tell that they were asked for.
struct Witness {
    static inline int left = 0, right = 0;

    static constexpr auto name           = "witness";
    static constexpr Signature signature = "[n] [n] -> [n]";
    template <Real T> void f(Array<T> y, Array<T const> x, Array<T const>) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>, Array<T const>) const {
        return std::tuple{[=] { return ++left, g; }, [=](Array<T> dx) { ++right, copy<T>(dx, g, WriteMode::add); }};
    }
};

// Neither the gradients of constants, nor of what the result does not depend on, are computed.
BOOST_AUTO_TEST_CASE(what_is_not_needed_is_not_computed) {
    Tape tape;
    Var const x = tape.input(a), c = tape.constant(b);
    Var const dead = call(Witness{}, Where::here(), c, c), unused = call(Witness{}, Where::here(), x, x);
    BOOST_TEST((!dead.requires_grad() && unused.requires_grad()));
    Var const left = call(Witness{}, Where::here(), x, dead), right = call(Witness{}, Where::here(), dead, x);
    backward(sum(left));
    BOOST_TEST((Witness::left == 1 && Witness::right == 0));
    backward(sum(right));
    BOOST_TEST((Witness::left == 1 && Witness::right == 1));
}

BOOST_AUTO_TEST_CASE(seeds) {
    Tape tape;
    Var const x = tape.input(a), y = x * x;
    BOOST_TEST((backward(y, b)[x].value<float>() == Floats{20, 80, 240}));
    BOOST_TEST((backward(y, b + 1)[x].value<float>() == Floats{22, 84, 246}));  // an expression, of another type
    BOOST_TEST((backward(y, xt::xarray<int>{1, 0, 2})[x].value<float>() == Floats{2, 0, 12}));
    BOOST_CHECK_THROW(backward(y), ShapeError);
    BOOST_CHECK_THROW(backward(y, Floats{1, 2}), ShapeError);
    BOOST_CHECK_THROW(backward(y, Floats{{1, 2, 3}}), ShapeError);
}

BOOST_AUTO_TEST_CASE(of_views_and_leaves) {
    Tape tape;
    Var const x = tape.input(a), y = x * b, row = transpose(reshape(y, {3, 1}));
    BOOST_TEST((backward(y[1])[x].value<float>() == Floats{0, 20, 0}));
    BOOST_TEST((backward(slice(y, 0, 1, 3), Floats{1, 2})[x].value<float>() == Floats{0, 20, 80}));
    BOOST_TEST((backward(row, Floats{{1, 2, 3}})[x].value<float>() == Floats{10, 40, 120}));
    BOOST_TEST((backward(x[2])[x].value<float>() == Floats{0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(of_parameters_outlive_the_recording) {
    Params params;
    Param& w          = params.constant("w", {3}, 2);
    auto tape         = std::make_unique<Tape>();
    Gradients const g = backward(sum(tape->input(a) * w));
    tape->rewind();
    backward(sum(tape->input(b) * w * w));
    w.assign(7);
    BOOST_TEST((g[w].value<float>() == a));
    tape.reset();
    BOOST_TEST((g[w].value<float>() == a && g.reached(w)));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_changed) {
    Tape tape;
    Params params;
    Param& w    = params.constant("w", {3}, 2);
    Param& u    = params.constant("u", {3}, 2);
    Var const x = tape.input(a), y = sum(x * w), z = sum(x * u);
    w.mutable_value<float>()(0) = 3;
    BOOST_CHECK_THROW(backward(y), TapeError);
    BOOST_TEST((backward(z)[u].value<float>() == a));  // does not depend on it
    tape.rewind();
    BOOST_TEST((backward(sum(tape.input(a) * w))[w].value<float>() == a));
}

BOOST_AUTO_TEST_CASE(another_parameter_at_the_same_address) {
    alignas(Param) std::byte memory[sizeof(Param)];
    Tape tape;
    auto* p           = ::new (memory) Param("one", {3}, float32);
    Gradients const g = backward(sum(tape.input(a) * *p));
    p->~Param();
    p = ::new (memory) Param("two", {100}, float32);
    BOOST_TEST((!g.reached(*p) && g[*p].value<float>() == xt::xarray<float>(xt::zeros<float>({100}))));
    p->~Param();
}

BOOST_AUTO_TEST_CASE(stale_vars) {
    Tape tape;
    Var const x     = tape.input(a);
    auto const mark = tape.mark();
    Gradients g     = backward(sum(x * x));
    tape.rewind(mark);
    BOOST_TEST((g[x].value<float>() == Floats{2, 4, 6}));
    Var const y = tape.input(b);  // has the place on the tape that the sum had
    BOOST_CHECK_THROW(g[y], TapeError);
    tape.rewind();
    BOOST_CHECK_THROW(g[x], TapeError);
    BOOST_CHECK_THROW(g[tape.input(b)], TapeError);
}

BOOST_AUTO_TEST_CASE(moved) {
    Tape tape;
    Var const x = tape.input(a), y = sum(x * 2), z = sum(x * 3);
    Gradients g = backward(y), h = backward(z);
    Gradients k = std::move(g);
    BOOST_TEST(k[x].value<float>()(0) == 2);
    k = std::move(h);
    BOOST_TEST(k[x].value<float>()(0) == 3);
    BOOST_CHECK_THROW(g[x], TapeError);
    Gradients& self = k;
    k               = std::move(self);
    BOOST_TEST(k[x].value<float>()(0) == 3);
}

BOOST_AUTO_TEST_CASE(sweeps_reuse_their_memory) {
    Tape tape;
    Params params;
    Param& w         = params.uniform("w", {30, 30}, -1, 1);
    auto const round = [&] {
        tape.rewind();
        Var x = tape.input(xt::xarray<float>(xt::ones<float>({5, 30})));
        for (int i = 0; i < 4; ++i) x = tanh(linear(x, w));
        return backward(sum(x));
    };
    Floats const first      = round()[w].value<float>();
    std::size_t const bytes = tape.bytes_reserved();
    for (int i = 0; i < 1000; ++i) round();
    BOOST_TEST((tape.bytes_reserved() == bytes && tape.scratch()->idle.size() == 1u));
    BOOST_TEST((round()[w].value<float>() == first));
}

BOOST_AUTO_TEST_CASE(of_all_parameters_as_one_list) {
    Params params(1);
    Param &a = params.trained("a", xt::xarray<float>{{1, 2}, {3, 4}}), &unused = params.zeros("unused", {2}),
          &b = params.trained("b", xt::xarray<float>{5});
    Tape tape;
    Gradients const g = backward(sum(a * a * tape.constant(1.0)) + sum(b * tape.constant(3.0)));
    BOOST_TEST((g.flatten(params) == std::vector<double>{2, 4, 6, 8, 0, 0, 3}));
    BOOST_TEST(!g.reached(unused));
}

BOOST_AUTO_TEST_SUITE_END()
