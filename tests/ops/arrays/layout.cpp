// Views are views: no node, no copy; and the gradients of views of views, of parts, and of wholes, in any order of use.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <golden.hpp>
#include <rapidcheck.h>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using Doubles = xt::xarray<double>;
using Inputs  = std::span<Var const>;

namespace {

Doubles numbered(std::vector<std::size_t> const& shape) {
    Doubles x = Doubles::from_shape(shape);
    for (std::size_t i = 0; i < x.size(); ++i) x.flat(i) = std::sin(1.3 * static_cast<double>(i) + 0.2);
    return x;
}
void right(std::function<Var(Var)> const& f, std::vector<std::size_t> const& shape) {
    auto const r = gradcheck([&](Tape&, Inputs x) { return f(x[0]); }, {{"x", numbered(shape)}});
    BOOST_TEST(r);
    BOOST_TEST(r.worst_error() < 1e-7);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layout)

// ---- values ----

BOOST_AUTO_TEST_CASE(views_add_no_node_and_copy_nothing) {
    Tape tape(float64);
    Var x                = tape.input(numbered({4, 6}));
    auto const size      = tape.size();
    auto const [a, b, c] = split<3>(x);
    Var const views[]    = {x[1],
                            slice(x, 1, 1, 4),
                            index(x, 1, 2),
                            piece(x, 1, 2, 0),
                            transpose(x),
                            reshape(x, {2, 12}),
                            contiguous(x),
                            a,
                            b,
                            c,
                            transpose(x[1]),
                            reshape(x[2], {3, 2}),
                            split(x, 2, 0)[1],
                            x[1][2]};
    BOOST_TEST(tape.size() == size);
    auto const* begin = x.value<double>().data();
    for (Var const& v : views) {
        BOOST_TEST(v.value<double>().data() >= begin);
        BOOST_TEST(v.value<double>().data() < begin + 24);
    }
    Var const copied = reshape(transpose(x), {12, 2});  // cannot be a view
    BOOST_TEST(tape.size() == size + 1);
    BOOST_TEST(copied.value<double>()(0, 1) == x.value<double>()(1, 0));
}

BOOST_AUTO_TEST_CASE(views_show_the_right_elements) {
    Tape tape(float64);
    Doubles const xs = numbered({4, 6, 2});
    Var x            = tape.input(xs);
    auto const shows = [](Var const& v, auto const& want) {
        BOOST_TEST(golden::near(v.value<double>(), Doubles(want), 0));
    };
    shows(x[-1], xt::view(xs, 3));
    shows(x[1][-2], xt::view(xs, 1, 4));
    shows(slice(x, 1, 2, 5), xt::view(xs, xt::all(), xt::range(2, 5)));
    shows(slice(x, -2, -3, -1), xt::view(xs, xt::all(), xt::range(3, 5)));
    shows(slice(x, 0, 2, 2), xt::view(xs, xt::range(2, 2)));
    shows(index(x, -1, 1), xt::view(xs, xt::all(), xt::all(), 1));
    shows(piece(x, 2, 3, 1), xt::view(xs, xt::all(), xt::range(4, 6)));
    shows(split<2>(x)[1], xt::view(xs, xt::all(), xt::all(), xt::range(1, 2)));
    shows(transpose(x), xt::transpose(xs));
    shows(transpose(x, {1, 2, 0}), xt::transpose(xs, {1, 2, 0}));
    shows(transpose(x, {-1, 0, 1}), xt::transpose(xs, {2, 0, 1}));
    shows(reshape(x, {-1, 4}), xt::reshape_view(xs, {12, 4}));
    shows(reshape(slice(x, 0, 1, 3), {2, -1}), xt::reshape_view(Doubles(xt::view(xs, xt::range(1, 3))), {2, 12}));
    shows(reshape(index(x, 1, 3), {8}), xt::reshape_view(Doubles(xt::view(xs, xt::all(), 3)), {8}));
    shows(slice(transpose(x), 1, 1, 3), xt::view(Doubles(xt::transpose(xs)), xt::all(), xt::range(1, 3)));
    shows(transpose(slice(x[2], 0, 1, 4)), xt::transpose(Doubles(xt::view(xs, 2, xt::range(1, 4)))));
    BOOST_TEST((reshape(tape.input(1.0), {1, 1}).shape() == Shape{1, 1}));
    BOOST_TEST((transpose(tape.input(1.0)).shape() == Shape{}));
    BOOST_TEST((reshape(tape.input(Doubles::from_shape({0, 3})), {5, 0}).shape() == Shape{5, 0}));
}

// ---- gradients ----

BOOST_AUTO_TEST_CASE(gradients_of_parts) {
    right([](Var x) -> Var { return exp(x[1]); }, {3, 4});  // others have none
    right([](Var x) -> Var { return exp(x[1]) * x[1]; }, {3, 4});
    right([](Var x) -> Var { return exp(x[2]) * x[0]; }, {3, 4});
    right([](Var x) -> Var { return exp(slice(x, 1, 1, 3)); }, {3, 5});  // no equal piece
    right([](Var x) -> Var { return exp(slice(x, 1, 0, 3)) * slice(x, 1, 1, 4); }, {3, 5});
    right([](Var x) -> Var { return exp(x[1][2]) * x[0][2] + x[1][0]; }, {3, 4});
    right([](Var x) { return Var(sum(exp(piece(x, 0, 2)) * piece(x, 1, 2))); }, {3, 4});
}

BOOST_AUTO_TEST_CASE(gradients_of_views_of_views) {
    right(
        [](Var x) -> Var {
            auto [a, b] = split<2>(x[1]);
            return tanh(a) * b + x[0][0];
        },
        {3, 8});
    right([](Var x) -> Var { return exp(slice(transpose(x), 0, 1, 3)); }, {4, 5});
    right([](Var x) -> Var { return exp(reshape(slice(x, 0, 1, 3), {3, 4})) * 2; }, {4, 6});
    right([](Var x) -> Var { return exp(transpose(reshape(x[1], {2, 3}))) + reshape(x[0], {3, 2}); }, {2, 6});
    right([](Var x) -> Var { return exp(reshape(transpose(x), {3, 8})) + reshape(x, {3, 8}); }, {4, 6});
    right([](Var x) -> Var { return exp(transpose(transpose(x, {1, 2, 0}), {1, 0, 2})); }, {2, 3, 4});
    right([](Var x) -> Var { return reshape(x, {2, 12})[1] * reshape(x, {12, 2})[3][1]; }, {4, 6});
}

BOOST_AUTO_TEST_CASE(pieces_and_wholes_in_any_order) {
    auto const mixed = [](auto... uses) {
        right(
            [=](Var x) -> Var {
                Var y = x * 1.5;  // of an input, and of a node whose adjoint is passed on
                Var a = (... + sum(exp(uses(x)) * 0.3)), b = (... + sum(exp(uses(y)) * 0.7));
                return a + b;
            },
            {4, 6});
    };
    using View        = Var (*)(Var);
    View const whole  = [](Var x) { return x; };
    View const first  = [](Var x) { return piece(x, 0, 2, 0); };
    View const second = [](Var x) { return piece(x, 1, 2, 0); };
    View const column = [](Var x) { return piece(x, 1, 3); };
    View const row    = [](Var x) { return x[3]; };
    View const within = [](Var x) { return x[1][2]; };
    View const odd    = [](Var x) { return slice(x, 1, 1, 5); };
    View const turned = [](Var x) { return transpose(x); };
    mixed(whole, first), mixed(first, whole), mixed(first, second), mixed(first, first), mixed(second, whole, first);
    mixed(first, column), mixed(column, first), mixed(column, row, whole), mixed(row, column, odd), mixed(odd, row),
        mixed(odd, odd);
    mixed(within, whole), mixed(whole, within), mixed(within, row), mixed(row, within), mixed(within, within, column),
        mixed(within, odd);
    mixed(turned, first), mixed(first, turned), mixed(turned, within, turned), mixed(within, turned),
        mixed(row, row, row);
}

BOOST_AUTO_TEST_CASE(pieces_and_wholes_in_one_statement) {
    right([](Var x) -> Var { return x * x[1] + transpose(x) * x; }, {4, 4});
    right([](Var x) -> Var { return x[1] * x; }, {3, 17});
    right([](Var x) -> Var { return x * slice(x, 1, 2, 3); }, {3, 17});
    right([](Var x) -> Var { return x * x[0][0]; }, {3, 17});
    right([](Var x) -> Var { return slice(x, 0, 0, 16) * slice(x, 0, 1, 17) * slice(x, 0, 5, 21); }, {21});
    right(
        [](Var x) -> Var {
            auto [a, b, c] = split<3>(x);
            return a * b + c * a - tanh(b);
        },
        {2, 24});
    right([](Var x) -> Var { return piece(x, 0, 2) * reshape(piece(x, 0, 2), {3, 1}); }, {6});
}

BOOST_AUTO_TEST_CASE(pieces_beside_broadcasting) {
    right([](Var x) -> Var { return exp(x[1]) + tanh(x) + x[0] * x[1]; }, {2, 3});
    right(
        [](Var x) -> Var {
            auto [a, b] = split<2>(x, 0);
            Var row     = a * exp(b);
            return row * reshape(a, {3, 1, 1}) + b[0];
        },
        {6, 1});
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_view_is_the_view_of_the_gradient) {
    Tape tape(float64);
    Var x = tape.input(numbered({3, 4})), y = x * 2.0;
    auto const g  = backward(sum(y * y * tape.constant(numbered({3, 4}))), Keep::all);
    auto const dx = g[x].value<double>();
    BOOST_TEST(g[x[1]].value<double>() == xt::view(dx, 1));
    BOOST_TEST(g[transpose(x)].value<double>() == xt::transpose(dx));
    BOOST_TEST(g[slice(transpose(x), 0, 1, 3)].value<double>() ==
               xt::view(Doubles(xt::transpose(dx)), xt::range(1, 3)));
    BOOST_TEST(g[y[2][1]].item() == g[y].value<double>()(2, 1));
}

// Strides may be negative, and rows of size 1 have any: x Wᵀ and its gradients are those of a copy.
BOOST_AUTO_TEST_CASE(projections_of_flipped_arrays_are_those_of_copies) {
    for (auto const& shape : std::vector<std::vector<std::size_t>>{
             {4, 1, 3}, {4, 2, 3}, {1, 4, 3}, {5, 3}, {1, 3}, {2, 3, 4, 3}, {4, 1, 1, 3}})
        for (std::size_t flips = 0; flips < std::size_t{1} << shape.size(); ++flips) {
            auto const run = [&](bool copied) {
                Tape tape(float64);
                Var x = tape.input(numbered(shape)), W = tape.input(numbered({5, 3})), b = tape.input(numbered({5})),
                    y = x;
                for (std::size_t a = 0; a < shape.size(); ++a)
                    if (flips >> a & 1) y = flip(y, static_cast<Index>(a));
                if (copied) y = y * 1;
                Var z             = linear(y, W, b);
                Gradients const g = backward(sum(z * z));
                return std::vector<Doubles>{z.value<double>(), g[x], g[W], g[b]};
            };
            auto const view = run(false), copy = run(true);
            for (std::size_t k = 0; k < view.size(); ++k)
                BOOST_TEST(golden::near(view[k], copy[k], 1e-13),
                           "array " << k << ", flips " << flips << ", rank " << shape.size());
        }
}

BOOST_AUTO_TEST_CASE(a_view_can_be_differentiated_and_seeded) {
    Tape tape(float64);
    Var x = tape.input(numbered({3, 4})), y = x * x;
    Doubles want = xt::zeros<double>({3, 4});
    want(1, 2)   = 2 * x.value<double>()(1, 2);
    BOOST_TEST(golden::near(backward(y[1][2])[x].value<double>(), want, 1e-15));
    Doubles const seed = numbered({2, 3});
    Doubles const part = xt::transpose(seed) * 2.0 * xt::view(x.value<double>(), xt::all(), xt::range(1, 3));
    want.fill(0);
    xt::view(want, xt::all(), xt::range(1, 3)) = part;
    BOOST_TEST(golden::near(backward(transpose(slice(y, 1, 1, 3)), seed)[x].value<double>(), want, 1e-15));
}

// ---- random programs ----

namespace {

/// Draws one of `n`.
std::size_t below(Random& r, std::size_t n) { return static_cast<std::size_t>(r.below(n)); }

Var random_view(Random& r, Var x) {
    if (x.shape().empty()) return x;
    Index const axis = static_cast<Index>(below(r, x.shape().rank())), n = x.size(axis);
    switch (below(r, 6)) {
        case 0: return n > 0 ? index(x, axis, static_cast<Index>(below(r, static_cast<std::size_t>(n)))) : x;
        case 1: {
            Index const begin = static_cast<Index>(below(r, static_cast<std::size_t>(n) + 1));
            return slice(x, axis, begin, begin + static_cast<Index>(below(r, static_cast<std::size_t>(n - begin) + 1)));
        }
        case 2: return n % 2 == 0 ? piece(x, static_cast<Index>(below(r, 2)), 2, axis) : x;
        case 3: return n % 3 == 0 ? piece(x, static_cast<Index>(below(r, 3)), 3, axis) : x;
        case 4: return transpose(x);
        default: return reshape(x, {-1, n > 0 && count(x.shape()) > 0 ? n : 1});
    }
}
/// Sums over what does not broadcast, so that any two arrays can meet.
Var meeting(Var a, Var b) {
    Shape s = a.shape();
    if (s.rank() <= 4 && broadcast(s, b.shape()) && count(s) < 3000) return a * tanh(b);
    return a * sum(tanh(b));
}
Var random_call(Random& r, std::vector<Var> const& xs) {
    Var const a = xs[below(r, xs.size())], b = xs[below(r, xs.size())];
    switch (below(r, 9)) {
        case 0: return stack({a, a}, static_cast<Index>(below(r, std::min<std::size_t>(a.shape().rank(), 3) + 1)));
        case 1:
            return a.shape().empty() ? exp(0.1 * a) : concat({a, a}, static_cast<Index>(below(r, a.shape().rank())));
        case 2: return a.shape().rank() == 2 ? matmul(a, transpose(a)) * 0.1 : sum(a * 0.5, {}, Reduced::keep);
        case 3: return a.shape().rank() >= 1 && a.size(-1) > 0 ? log_softmax(a) : a * 0.5;
        case 4: return a.shape().rank() == 0 ? sum(tanh(a)) : mean(tanh(a) * a, Index{0}, Reduced::keep);
        case 5:
            return a.shape().rank() == 2 && b.shape().rank() >= 1 && b.size(-1) == a.size(1) ? Var(linear(b, a))
                                                                                             : tanh(a);
        case 6: return contiguous(transpose(a));
        default: return meeting(a, b);
    }
}

/// A program of views and operations, the same for the same seed: a scalar at its end.
Var random_program(std::uint64_t seed, Tape&, Inputs x) {
    Random r(seed);
    std::vector<Var> xs(x.begin(), x.end());
    for (int step = 0; step < 14; ++step) {
        Var const next = below(r, 2) ? random_view(r, xs[below(r, xs.size())]) : random_call(r, xs);
        if (next.shape().rank() <= 4 && count(next.shape()) <= 600 && count(next.shape()) > 0) xs.push_back(next);
    }
    Var out = sum(xs.back());
    for (std::size_t i = x.size(); i + 1 < xs.size(); i += 2) out = out + 0.3 * sum(tanh(xs[i]));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_programs_of_views_and_operations) {
    auto const holds = [](std::uint64_t seed) {
        GradcheckOptions options;
        options.directions = 2;
        auto const f       = [=](Tape& tape, Inputs x) { return random_program(seed, tape, x); };
        auto const r       = gradcheck(
                  f, {{"a", numbered({4, 6})}, {"b", numbered({6})}, {"c", numbered({3, 2, 6})}, {"s", 0.7}}, options);
        bool const right = r.problem.empty() && r.culprits.empty() &&
                           std::ranges::all_of(r.inputs, [](auto const& x) { return x.wrong == 0; });
        if (!right) BOOST_TEST_MESSAGE("seed " << seed << "\n" << r);
        return right;  // rounding may hide all that there is of an input
    };
    BOOST_TEST(rc::check("gradients of random programs", [&](std::uint64_t seed) { RC_ASSERT(holds(seed)); }));
}

BOOST_AUTO_TEST_SUITE_END()
