// Operations of one's own.
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Cubic {
    static constexpr auto name           = "cubic";
    static constexpr Signature signature = "[...] [...] -> [...]";
    double scale;

    auto forward(auto const& a, auto const& b) const { return scale * a * b * b; }
    auto adjoints(auto const& g, auto const&, auto const& a, auto const& b) const {
        return std::tuple(scale * g * b * b, 2 * scale * g * a * b);
    }
};

/// Wrong by its second adjoint.
struct Wrong : Cubic {
    auto adjoints(auto const& g, auto const&, auto const& a, auto const& b) const {
        return std::tuple(scale * g * b * b, scale * g * a * b);
    }
};

/// Rules that need a shape of their own, and a result of another one.
struct RowSums {
    static constexpr auto name           = "row_sums";
    static constexpr Signature signature = "[m,n] -> [m]";

    auto forward(auto const& x) const { return xt::sum(x, {1}); }
    auto adjoints(auto const& g, auto const&, auto const& x) const {
        return std::tuple(xt::view(g, xt::all(), xt::newaxis()) + 0 * x);
    }
};

/// Rules that broadcast, and an operand that is not one end to end.
struct Scaled {
    static constexpr auto name           = "scaled";
    static constexpr Signature signature = "[m,n] [n] -> [m,n]";

    auto forward(auto const& x, auto const& row) const { return x * row; }
    auto adjoints(auto const& g, auto const&, auto const& x, auto const& row) const {
        return std::tuple(g * row, xt::sum(g * x, {0}));
    }
};

/// Rules of the wrong shape.
struct Misshapen {
    static constexpr auto name           = "misshapen";
    static constexpr Signature signature = "[m,n] -> [m,n]";

    auto forward(auto const& x) const { return 2 * x; }
    auto adjoints(auto const& g, auto const&, auto const&) const { return std::tuple(xt::sum(g, {1})); }
};

xt::xarray<double> const as{{1, -2, 0.5}, {0.3, 2, -1}}, bs{{0.7, 1.5, -1}, {2, -0.4, 1.1}};

}  // namespace

BOOST_AUTO_TEST_SUITE(custom_operations)

BOOST_AUTO_TEST_CASE(are_checked_like_any_other) {
    auto const r = gradcheck([](Tape&, auto x) { return custom(Cubic{0.5}, x[0], x[1]); }, {as, bs});
    BOOST_TEST(r, r);
    BOOST_TEST(r.worst_error() < 1e-7);
    auto const views =
        gradcheck([](Tape&, auto x) { return custom(Cubic{2}, transpose(x[0]), flip(transpose(x[1]), 0)); }, {as, bs});
    BOOST_TEST(views, views);
    auto const sums = gradcheck([](Tape&, auto x) -> Var { return custom(RowSums{}, x[0] * x[0]); }, {as});
    BOOST_TEST(sums, sums);
    auto const scaled = gradcheck([](Tape&, auto x) { return custom(Scaled{}, transpose(x[0]), x[1]); },
                                  {as, xt::xarray<double>{0.7, -2}});
    BOOST_TEST(scaled, scaled);
    auto const wrong = gradcheck([](Tape&, auto x) { return custom(Wrong{{0.5}}, x[0], x[1]); }, {as, bs});
    BOOST_TEST(!wrong);
    BOOST_TEST(wrong.inputs[0].passed());
    BOOST_TEST(!wrong.inputs[1].passed());
}

BOOST_AUTO_TEST_CASE(compute_in_both_element_types) {
    for (Dtype type : {float32, float64}) {
        Tape tape(type);
        Var a = tape.input(as), b = tape.input(bs);
        Var const y = custom(Cubic{0.5}, a, b);
        auto value  = dispatch(type, [&](auto t) { return xt::xarray<double>(y.value<decltype(t)>()); });
        BOOST_TEST(golden::near(value, xt::xarray<double>(0.5 * as * bs * bs), type == float32 ? 1e-6 : 1e-15));
    }
}

BOOST_AUTO_TEST_CASE(an_operand_used_twice_gets_both_adjoints) {
    auto const r = gradcheck([](Tape&, auto x) { return custom(Cubic{1}, x[0], x[0]); }, {as});
    BOOST_TEST(r, r);
}

BOOST_AUTO_TEST_CASE(are_named_and_drawn) {
    Tape tape(float64);
    Var a = tape.input(as, "a"), b = tape.input(bs, "b");
    Var y          = custom(Cubic{0.5}, a, b);
    auto const dot = Graph(y).dot();
    BOOST_TEST(dot.find("cubic(a,") != std::string::npos, dot);
}

BOOST_AUTO_TEST_CASE(refuse_wrong_shapes) {
    Tape tape(float64);
    Var a = tape.input(as, "a"), row = tape.input(xt::xarray<double>{1, 2}, "row");
    auto const before = tape.size();
    BOOST_CHECK_THROW(custom(Cubic{1}, a, row), ShapeError);
    BOOST_TEST(tape.size() == before);
    int const line  = __LINE__ + 1;
    Var y           = custom(Misshapen{}, a);
    auto const said = [&](ShapeError const& e) {
        return e.what() == "custom.cpp:" + std::to_string(line) +
                               ": misshapen: the adjoint of operand 0 has the shape [2] where [2,3] was expected";
    };
    BOOST_CHECK_EXCEPTION(backward(sum(y)), ShapeError, said);
}

BOOST_AUTO_TEST_SUITE_END()
