// What a rule may do with its operands and with functions of them: all that xtensor does with arrays, with the same result.
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <numeric>
#include <ops/checks.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>

using namespace checks;

namespace {

/// A rule in three operands, and in place of each adjoint the rule once more, of other ones: what it is is not asked here.
template <class F> struct Ruled {
    static constexpr auto name           = "ruled";
    static constexpr Signature signature = "[m,n] [m,n] [n] -> [m,n]";

    auto forward(auto const& a, auto const& b, auto const& row) const { return F{}(a, b, row); }
    auto adjoints(auto const& g, auto const& y, auto const& a, auto const& b, auto const& row) const {
        return std::tuple(F{}(g, b, row), F{}(a, y, row), xt::sum(g * b, {0}));
    }
};

/// What the same rules give for arrays of xtensor, written so that they refer to no variable.
template <class F, class Plain, Real T> void compare(Var y, Var a, Var b, Var row, Var seed) {
    auto const plain = [](Var x) { return xt::xarray<T>(x.value<T>()); };
    auto const as = plain(a), bs = plain(b), rows = plain(row), gs = plain(seed);
    xt::xarray<T> const ys = Plain{}(as, bs, rows);
    double const tolerance = std::same_as<T, float> ? 1e-4 : 1e-11;
    BOOST_TEST(golden::near(y.value<T>(), ys, tolerance));
    auto const d = backward(sum(y * seed));
    BOOST_TEST(golden::near(xt::xarray<T>(d[a].template value<T>()), xt::xarray<T>(Plain{}(gs, bs, rows)), tolerance));
    BOOST_TEST(golden::near(xt::xarray<T>(d[b].template value<T>()), xt::xarray<T>(Plain{}(as, ys, rows)), tolerance));
    BOOST_TEST(
        golden::near(xt::xarray<T>(d[row].template value<T>()), xt::xarray<T>(xt::sum(gs * bs, {0})), tolerance));
}

template <class F, class Plain = F> void check(char const* what, F, Plain = {}) {
    Random random(7);
    for (Dtype type : {float32, float64})
        for (auto const& view : views) {
            BOOST_TEST_CONTEXT(what << ", " << text(type) << ", " << view.name) {
                Shape const shape{static_cast<Index>(1 + random.below(4)), static_cast<Index>(1 + random.below(4))};
                Tape tape(type);
                Var const whole = tape.input(ordinary(view.larger(shape), 1)), b = tape.input(ordinary(shape, 2));
                Var const row = tape.input(ordinary({shape[1]}, 3)), seed = tape.constant(ordinary(shape, 4));
                Var const a = view.part(whole, 2);
                Var const y = custom(Ruled<F>{}, a, b, row);
                dispatch(type, [&](auto t) { compare<F, Plain, decltype(t)>(y, a, b, row, seed); });
            }
        }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules_of_custom_operations)

BOOST_AUTO_TEST_CASE(are_functions_of_operands) {
    check("arithmetic", [](auto const& a, auto const& b, auto const& row) { return -a * b + 2 / (3 + row * row); });
    check("a choice", [](auto const& a, auto const& b, auto const& row) { return xt::where(a > b, a, row * b); });
    check("three terms", [](auto const& a, auto const& b, auto const& row) { return xt::fma(a, b, row); });
    check("a range", [](auto const& a, auto const& b, auto const&) { return xt::clip(a * b, -1, 1); });
    check("powers", [](auto const& a, auto const& b, auto const& row) {
        return xt::pow(xt::abs(a) + 1, 0.5) * xt::square(b) + xt::pow<3>(row);
    });
    check("masks", [](auto const& a, auto const& b, auto const&) { return (a > 0 && !(b < 0)) * xt::isfinite(a) * b; });
    check("other types", [](auto const& a, auto const& b, auto const&) { return xt::cast<double>(a) * xt::rint(b); });
    check("one operand alone", [](auto const& a, auto const&, auto const&) { return a; });
}

BOOST_AUTO_TEST_CASE(have_variables_of_their_own) {
    check(
        "a function",
        [](auto const& a, auto const&, auto const& row) {
            auto const t = xt::tanh(a);
            return t * (1 - t * t) * row;
        },
        [](auto const& a, auto const&, auto const& row) {
            return xt::tanh(a) * (1 - xt::tanh(a) * xt::tanh(a)) * row;
        });
    check(
        "a number",
        [](auto const& a, auto const& b, auto const&) {
            double const rank = static_cast<double>(a.dimension());
            return rank * a - b / rank;
        },
        [](auto const& a, auto const& b, auto const&) { return 2.0 * a - b / 2.0; });
    check(
        "copies of operands", [](auto a, auto const& b, auto row) { return a * b + row; },
        [](auto const& a, auto const& b, auto const& row) { return a * b + row; });
    check(
        "a function of one of these",
        [](auto a, auto const& b, auto const&) {
            auto const product = a * b;
            auto const shifted = product - product(0, 0);
            return shifted * shifted;
        },
        [](auto const& a, auto const& b, auto const&) { return xt::square(a * b - a(0, 0) * b(0, 0)); });
    check("an array", [](auto const& a, auto const& b, auto const& row) {
        xt::xarray<double> t = a * b;
        t += row * a;
        t *= xt::sin(b);
        return xt::xarray<typename std::decay_t<decltype(a)>::value_type>(t);
    });
}

BOOST_AUTO_TEST_CASE(reduce_functions) {
    check("a sum of rows", [](auto const& a, auto const& b, auto const&) { return a * xt::sum(a * b, {0}); });
    check("a mean at once", [](auto const& a, auto const& b, auto const& row) { return a - xt::mean(b * row)(); });
    check("a maximum", [](auto const& a, auto const& b, auto const&) { return a - xt::amax(a * b)() * b; });
    check("a cumulative sum", [](auto const& a, auto const& b, auto const&) { return xt::cumsum(a * b, 1); });
    check("a sum by iterators", [](auto const& a, auto const& b, auto const&) {
        auto const product = a * b;
        return a * std::accumulate(product.begin(), product.end(), 0.0);
    });
}

BOOST_AUTO_TEST_CASE(lay_functions_otherwise) {
    check("a view",
          [](auto const& a, auto const& b, auto const& row) { return xt::view(a + b, xt::all(), xt::all()) * row; });
    check("transposes", [](auto const& a, auto const& b, auto const&) { return xt::transpose(xt::transpose(a * b)); });
    check("a strided view", [](auto const& a, auto const& b, auto const&) {
        return xt::strided_view(a * b, {xt::all(), xt::all()});
    });
    check("backwards", [](auto const& a, auto const& b, auto const&) { return xt::flip(b, 1) * a; });
    check("repeated",
          [](auto const& a, auto const& b, auto const& row) { return xt::broadcast(row * row, a.shape()) * b; });
    check("an element", [](auto const& a, auto const& b, auto const& row) { return a + (a * b)(0, 0) * row; });
}

BOOST_AUTO_TEST_CASE(give_elements_one_by_one) {
    auto const by_elements = []<class Element>(Element) {
        return [](auto const& a, auto const& b, auto const&) {
            xt::xarray<typename std::decay_t<decltype(a)>::value_type> out(a);
            for (std::size_t i = 0; i < a.shape(0); ++i)
                for (std::size_t j = 0; j < a.shape(1); ++j) out(i, j) = Element{}(2 * a * b, i, j);
            return out;
        };
    };
    check("by brackets", by_elements([](auto const& f, std::size_t i, std::size_t j) { return f(i, j); }));
    check("by at", by_elements([](auto const& f, std::size_t i, std::size_t j) { return f.at(i, j); }));
    check("by indices", by_elements([](auto const& f, std::size_t i, std::size_t j) { return f[{i, j}]; }));
}

// xtensor gives what it makes of a function of many axes a fixed rank.
BOOST_AUTO_TEST_CASE(are_evaluated_to_arrays) {
    check(
        "at once",
        [](auto const& a, auto const& b, auto const&) {
            auto const t = xt::eval(a * 2);
            return xt::xarray<typename std::decay_t<decltype(a)>::value_type>(t * b);
        },
        [](auto const& a, auto const& b, auto const&) { return 2 * a * b; });
    check(
        "like",
        [](auto const& a, auto const& b, auto const&) {
            return xt::xarray<typename std::decay_t<decltype(a)>::value_type>(b + xt::zeros_like(a * 2));
        },
        [](auto const&, auto const& b, auto const&) { return 1 * b; });
}

BOOST_AUTO_TEST_SUITE_END()
