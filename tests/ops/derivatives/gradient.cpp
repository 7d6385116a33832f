// What is asked of gradient(), and of the products that are made of it: whose derivative, of which shape, in which scope; and where second
// derivatives are easily wrong.
#include <boost/test/unit_test.hpp>
#include <ops/derivatives/checks.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/autograd/tape/site.hpp>
#include <unspool/ops/derivatives/products.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;

namespace {

struct Fixture {
    Tape tape{float64};
    Var x = tape.input(Doubles{-1, 0, 2}, "x"), y = tape.input(Doubles{0.5, 3, -2}, "y");

    Doubles of(Var v) { return v.value<double>(); }
};

/// A derivative that only registers know.
struct OnRegisters {
    static constexpr auto name                = "on_registers";
    static constexpr bool differentiable_once = true;
    template <class V> static V f(V x) { return xsimd::exp(x); }
    template <class V> static V df(V x, V) { return xsimd::exp(x); }
};
/// One that goes element by element.
struct InLanes {
    static constexpr auto name = "lanes";
    template <class V> static V f(V x) { return x * x; }
    template <class V> static V df(V x, V) {
        return in_lanes<double>([](double v) { return 2 * v; }, x);
    }
};

/// x² between −1 and 1, but not where it is 0, and x elsewhere, in a derivative that asks it in several ways at once.
struct Between {
    static constexpr auto name = "between";
    template <class V> static V f(V x) { return select((abs(x) < V(1)) & (x != V(0)), x * x, x); }
    template <class V> static V df(V x, V) {
        return select((!(abs(x) >= V(1))) & (!(x == V(0))) & (x < V(2)), V(2) * x, V(1));
    }
};

void expect(Var const& got, Doubles const& expected, double by = 1e-14) {
    Doubles const v = got.value<double>();
    BOOST_TEST(v.shape() == expected.shape(), boost::test_tools::per_element());
    for (std::size_t i = 0; i < v.size(); ++i)
        BOOST_TEST(std::abs(v.flat(i) - expected.flat(i)) <= by,
                   got << ", element " << i << " for " << expected.flat(i));
}

template <class E, class F> void refused(std::string const& words, Tape& tape, F f) {
    auto const size = tape.size();
    BOOST_CHECK_EXCEPTION(f(), E, [&](E const& e) {
        return std::string(e.what()).find(words) != std::string::npos &&
               std::string(e.what()).find("gradient.cpp:") == 0;
    });
    BOOST_TEST(tape.size() == size);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gradient_of_gradient, Fixture)

BOOST_AUTO_TEST_CASE(of_several_at_once_and_of_views_and_of_what_lies_between) {
    Var const h    = x * y;
    Var const loss = sum(h * h * x[2]);
    auto const g   = gradient(loss, {x, y, h, x[2], y[0], loss});
    expect(g[2], of(2 * h * x[2]));
    expect(g[1], of(2 * h * x[2] * x));
    expect(g[3], Doubles(of(g[0])(2)));
    expect(g[4], Doubles(of(g[1])(0)));
    expect(g[5], Doubles(1.0));
}

BOOST_AUTO_TEST_CASE(where_nothing_depends_it_is_zeros) {
    Var const loss = sum(square(x));
    expect(gradient(loss, y), Doubles{0, 0, 0});
    expect(gradient(loss, y[1]), Doubles(0.0));
    expect(gradient(sum(x.detach() * x), x), of(x));
    expect(gradient(sum(gradient(sum(x), x)), x), Doubles{0, 0, 0});
}

// A part of a reduced statement that the loop repeats, though it does not see it.
BOOST_AUTO_TEST_CASE(of_a_reduction_over_what_is_broadcast) {
    Var const column = unsqueeze(x, 1), row = unsqueeze(y, 0);
    expect(gradient(sum(column + row), x), Doubles{3, 3, 3});
    expect(gradient(mean(sigmoid(column) * row + column), y), of(sum(sigmoid(x)) * tape.constant(Doubles{1, 1, 1}) / 9),
           1e-13);
    expect(gradient(sum(column + row, 0), y, tape.constant(Doubles{1, 2, 3})), Doubles{3, 6, 9});
}

// What is not chosen has a derivative that is infinite, or none.
BOOST_AUTO_TEST_CASE(behind_a_choice) {
    Var const g = gradient(sum(where(x > 0, x * log(x), 0)), x);
    expect(g, Doubles{0, 0, std::log(2.0) + 1});
    Var const h = gradient(sum(g), x);
    expect(h, Doubles{0, 0, 0.5});
    expect(gradient(sum(h), x), Doubles{0, 0, -0.25});
}

// What is 0 there, and has an infinite part that nothing depends on.
BOOST_AUTO_TEST_CASE(of_powers_of_0_and_of_large_numbers) {
    for (double n : {1.0, 2.0, 3.0, 2.5}) {
        Var const at_0 = tape.input(Doubles{0, 1, 2});
        Var const g = gradient(sum(pow(at_0, n)), at_0), h = gradient(sum(g), at_0);
        expect(g, Doubles{n == 1 ? 1.0 : 0.0, n, n * std::pow(2, n - 1)}, 1e-14);
        expect(h, Doubles{n == 2 ? 2.0 : 0.0, n * (n - 1), n * (n - 1) * std::pow(2, n - 2)}, 1e-14);
    }
    Var const zeros = tape.input(Doubles{0, 0, 0}), powers = tape.input(Doubles{0, 1, 2});
    expect(gradient(sum(pow(zeros, powers)), powers), Doubles{0, 0, 0});
    expect(gradient(sum(gradient(sum(pow(zeros, powers)), powers)), powers), Doubles{0, 0, 0});
    Var const base = tape.input(Doubles{1, 2, 4}), none = tape.input(Doubles{0, 0, 0});
    expect(gradient(sum(gradient(sum(pow(base, none)), base)), none), Doubles{1, 0.5, 0.25});
    Var const large = tape.input(Doubles{-1, 100, 1000});
    for (auto const& f : {+[](Var v) -> Var { return elu(v); }, +[](Var v) -> Var { return selu(v); }}) {
        Var const h = gradient(sum(gradient(sum(f(large)), large)), large);
        BOOST_TEST(of(h)(0) > 0);
        BOOST_TEST(of(h)(1) == 0);
        BOOST_TEST(of(h)(2) == 0);
    }
    expect(gradient(sum(hypot(zeros, powers)), zeros), Doubles{0, 0, 0});
}

// An adjoint that happens to be 0 is not a branch that is not taken: at a minimum the Hessian is there.
BOOST_AUTO_TEST_CASE(where_the_adjoint_is_zero_the_hessian_is_not) {
    Var const loss = sum(0.5 * square(where(x > 1, x - 2, 0)));
    Var const g    = gradient(loss, x);
    expect(g, Doubles{0, 0, 0});
    expect(gradient(sum(g), x), Doubles{0, 0, 1});
    Var const curved = sum(square(where(x > 1, sin(x - 2), 0)));
    expect(hvp(curved, x, tape.constant(Doubles{1, 1, 1})), Doubles{0, 0, 2});
}

BOOST_AUTO_TEST_CASE(kinks_and_ties) {
    expect(gradient(sum(gradient(sum(relu(x) * x), x)), x), Doubles{0, 0, 2});
    Var const tied = tape.input(Doubles{2, 1, 2});
    expect(gradient(max(tied), tied), Doubles{0.5, 0, 0.5});
    Var const g = gradient(square(max(tied)), tied);
    expect(g, Doubles{2, 0, 2});
    expect(gradient(sum(g * tape.constant(Doubles{1, 0, 0})), tied), Doubles{0.5, 0, 0.5});
}

BOOST_AUTO_TEST_CASE(conditions_of_several_parts) {
    Var const at = tape.input(Doubles{-3, -0.5, 0, 0.25, 2});
    Var const g  = gradient(sum(apply<Between>(at)), at);
    expect(g, Doubles{1, -1, 1, 0.5, 1});
    expect(gradient(sum(g), at), Doubles{0, 2, 0, 2, 0});
}

BOOST_AUTO_TEST_CASE(a_surrogate_is_differentiated_as_it_is_declared) {
    Var const s = spike(x, 2.0);
    Var const g = gradient(sum(s), x);
    expect(g, Doubles{1.0 / 9, 1, 1.0 / 25});
    expect(gradient(sum(g), x), Doubles{4.0 / 27, 0, -4.0 / 125});
}

BOOST_AUTO_TEST_CASE(what_changes_gradients_on_purpose_does_so_again) {
    Var const f = sum(square(scale_gradient(x * y, -0.5)));
    Var const g = gradient(f, x);
    expect(g, backward(f)[x].value<double>());
    expect(g, of(-0.5 * 2 * x * y * y));
    expect(gradient(sum(g), x), of(0.25 * 2 * y * y));  // of x y, which is scaled where it is passed once more
    Var const clipped = sum(square(clip_gradient(x * y, 1.0)));
    expect(gradient(clipped, x), backward(clipped)[x].value<double>());
}

BOOST_AUTO_TEST_CASE(noise_is_what_it_was) {
    Var const wide = tape.input(ordinary({100}, 3));
    Var const kept = dropout(wide, 0.5, 7);
    Var const g    = gradient(sum(square(kept)), wide);
    expect(g, of(4 * kept));
    expect(gradient(sum(g), wide), of(8 * where(equal(kept, 0), 0, 1)));
}

// ⟨u, J v⟩ = ⟨Jᵀ u, v⟩, ⟨v, H w⟩ = ⟨w, H v⟩, and the matrices themselves.
BOOST_AUTO_TEST_CASE(products_agree_with_matrices) {
    Var const f    = tanh(matmul(tape.input(ordinary({4, 3}, 1)), x) * 0.3) * sum(square(y));
    Var const loss = 0.5 * sum(square(f));
    Var const v = tape.constant(Doubles{0.3, -1, 2}), w = tape.constant(Doubles{1, 0.5, -0.7}),
              u = tape.constant(ordinary({4}, 2));
    Var const J = jacobian(f, x), H = hessian(loss, x);
    BOOST_TEST((J.shape() == Shape{4, 3} && H.shape() == Shape{3, 3}));
    expect(jvp(f, x, v), of(matmul(J, v)), 1e-12);
    expect(vjp(f, x, u), of(matmul(u, J)), 1e-12);
    expect(hvp(loss, x, v), of(matmul(H, v)), 1e-10);
    expect(gauss_newton(loss, f, {x}, {v})[0], of(matmul(transpose(J), matmul(J, v))), 1e-10);
    expect(dot(v, hvp(loss, x, w)), of(dot(w, hvp(loss, x, v))), 1e-10);
    expect(jvp(loss, {x, y}, {v, w}), of(inner({v, w}, gradient(loss, {x, y}))), 1e-12);
    expect(gradient(jvp(loss, x, v), x), of(matmul(H, v)), 1e-10);
    auto const both = hvp(loss, {x, y}, {v, w});
    expect(both[0], of(matmul(H, v) + matmul(jacobian(gradient(loss, x), y), w)), 1e-10);
    expect(jvp(f, {x, y}, {v, w}), of(matmul(J, v) + matmul(jacobian(f, y), w)), 1e-10);
}

BOOST_AUTO_TEST_CASE(is_recorded_where_it_belongs) {
    Var h = x;
    {
        Scope const module(tape, "cell");
        for (Index t = 0; t < 2; ++t) {
            Scope const step(tape, t);
            h = tanh(h * y);
        }
    }
    NodeId const before = tape.size();
    Var const g         = gradient(sum(h), x);
    bool any            = false;
    for (NodeId id = before; id < tape.size(); ++id) {
        Site const s = site_of(tape, id);
        any |= s.step == 1 && s.module == "∂.cell";
        BOOST_TEST(s.where.line == tape[before].value.where.line);
    }
    BOOST_TEST(any);
    BOOST_TEST(site_of(tape, Var(x * g).window().node).module == "");
}

BOOST_AUTO_TEST_CASE(errors) {
    Var const h = x * y, total = sum(h);
    Tape other(float64);
    Var const stranger = other.input(1.0), none;
    refused<ShapeError>("gradient wants a scalar, h has the shape [3]", tape, [&] { gradient(h, x); });
    refused<ShapeError>("its seed [2]", tape, [&, s = tape.constant(Doubles{1, 2})] { gradient(h, x, s); });
    refused<TapeError>("c is a constant", tape, [&, c = tape.constant(1.0, "c")] { gradient(total, {x, c}); });
    refused<TapeError>("another tape", tape, [&] { gradient(total, stranger); });
    Var const once = sum(apply<OnRegisters>(x)), lanes = sum(apply<InLanes>(x));
    refused<TypeError>("on_registers, of gradient.cpp:", tape, [&] { gradient(once, x); });
    refused<TypeError>("lanes, of gradient.cpp:", tape, [&] { gradient(lanes, x); });
    refused<ShapeError>("its direction [2]", tape, [&, s = tape.constant(Doubles{1, 2})] { hvp(total, x, s); });
    refused<ShapeError>("1 directions of 2 arrays", tape, [&] { jvp(h, {x, y}, {x}); });
    refused<ShapeError>("0 directions of 0 arrays", tape, [&] { inner({}, {}); });
    refused<ShapeError>("its direction [2]", tape, [&, s = tape.constant(Doubles{1, 2})] { inner({x}, {s}); });
    BOOST_CHECK_THROW(gradient(none, x), TapeError);
    BOOST_CHECK_THROW(gradient(sum(h), none), TapeError);
}

BOOST_AUTO_TEST_SUITE_END()
