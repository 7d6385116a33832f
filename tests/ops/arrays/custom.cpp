// Operations of one's own.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <golden.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/ops/ops.hpp>
#include <vector>
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

/// Rules of which some are made of operands element by element, some are operands, some arrays, and some neither.
struct Mixed {
    static constexpr auto name           = "mixed";
    static constexpr Signature signature = "[m,n] [m,n] [n] -> [m,n]";

    auto forward(auto const& a, auto const& b, auto const& row) const { return a + b * row; }
    auto adjoints(auto const& g, auto const&, auto const&, auto const& b, auto const& row) const {
        using Numbers = xt::xarray<typename std::decay_t<decltype(g)>::value_type>;
        return std::tuple(g, Numbers(g * row), xt::sum(g * b, {0}));
    }
};

/// A rule that is the operand itself.
struct Same {
    static constexpr auto name           = "same";
    static constexpr Signature signature = "[...] -> [...]";

    auto forward(auto const& x) const { return x; }
    auto adjoints(auto const& g, auto const&, auto const&) const { return std::tuple(g); }
};

/// A rule that has a copy of its operand.
struct Copying {
    static constexpr auto name           = "copying";
    static constexpr Signature signature = "[...] -> [...]";

    auto forward(auto x) const { return 2 * x; }
    auto adjoints(auto const& g, auto const&, auto const&) const { return std::tuple(2 * g); }
};

/// A rule with an expression of its own, of which it gives an array, as the error says.
struct Squash {
    static constexpr auto name           = "squash";
    static constexpr Signature signature = "[...] -> [...]";

    auto forward(auto const& x) const { return xt::tanh(x); }
    auto adjoints(auto const& g, auto const&, auto const& x) const {
        auto const t = xt::tanh(x);
        return std::tuple(xt::xarray<double>(g * (1 - t * t)));
    }
};

/// Rules of members, constants, what a member points to, and a number of the rule.
struct Numbered {
    static constexpr auto name           = "numbered";
    static constexpr Signature signature = "[...] -> [...]";
    static constexpr double two          = 2;
    double three;
    double const* four;

    auto forward(auto const& x) const { return two * x + three * x + *four * x; }
    auto adjoints(auto const& g, auto const&, auto const& x) const {
        double const rank = static_cast<double>(x.dimension());
        return std::tuple(rank * g);
    }
};

/// A rule of operands of sizes that do not go together.
struct Unfitting {
    static constexpr auto name           = "unfitting";
    static constexpr Signature signature = "[m] [n] -> [m]";

    auto forward(auto const& a, auto const& b) const { return a * b; }
    auto adjoints(auto const& g, auto const&, auto const&, auto const&) const { return std::tuple(g, g); }
};

/// The same, within a reduction.
struct UnfittingSum {
    static constexpr auto name           = "unfitting_sum";
    static constexpr Signature signature = "[m] [n] -> [m]";

    auto forward(auto const& a, auto const&) const { return 2 * a; }
    auto adjoints(auto const& g, auto const&, auto const&, auto const& b) const {
        return std::tuple(g - xt::sum(g * b), b);
    }
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

BOOST_AUTO_TEST_CASE(rules_of_all_kinds_stand_side_by_side_and_read_operands_however_they_lie) {
    auto const row     = xt::xarray<double>{0.7, -2, 1.2};
    auto const results = std::vector<std::function<Var(std::vector<Var> const&)>>{
        [](auto const& x) { return custom(Mixed{}, x[0], x[1], x[2]); },
        [](auto const& x) { return custom(Mixed{}, flip(x[0], 1), x[1], flip(x[2], 0)); },
        [](auto const& x) { return custom(Mixed{}, transpose(concat({transpose(x[0])}, 0)), flip(x[1], 0), x[2]); },
        [](auto const& x) {
            return custom(Mixed{}, broadcast_to(x[2], {2, 3}), x[0], x[2]);
        },
        [](auto const& x) { return custom(Same{}, transpose(x[0])); },
        [](auto const& x) { return custom(Squash{}, transpose(x[0])); },
        [](auto const& x) { return custom(Cubic{1}, transpose(x[0]), custom(Same{}, transpose(x[1]))); }};
    for (auto const& f : results) {
        auto const r = gradcheck([&](Tape&, auto x) { return f({x[0], x[1], x[2]}); }, {as, bs, row});
        BOOST_TEST(r, r);
    }
    Tape tape(float64);
    Var a = tape.input(as), b = tape.input(bs), c = tape.input(row);
    auto const y = results[1]({a, b, c}).value<double>();
    BOOST_TEST(golden::near(xt::xarray<double>(y), xt::xarray<double>(xt::flip(as, 1) + bs * xt::flip(row, 0)), 1e-15));
}

BOOST_AUTO_TEST_CASE(refuse_operands_that_do_not_fit_together) {
    Tape tape(float64);
    Var row = tape.input(xt::xarray<double>{1, 2}), other = tape.input(xt::xarray<double>{1, 2, 3});
    auto const says = [](char const* what) {
        return [what](ShapeError const& e) { return std::string_view(e.what()).ends_with(what); };
    };
    BOOST_CHECK_EXCEPTION(custom(Unfitting{}, row, other), ShapeError,
                          says("unfitting: the result is made of [2] and [3], which do not fit together"));
    BOOST_CHECK_EXCEPTION(backward(sum(custom(UnfittingSum{}, row, other))), ShapeError,
                          says("unfitting_sum: an adjoint is made of [2] and [3], which do not fit together"));
}

BOOST_AUTO_TEST_CASE(hold_copies_of_numbers_and_operands) {
    Tape tape(float64);
    double const four = 4;
    Var a = tape.input(as), y = custom(Numbered{3, &four}, a);
    BOOST_TEST(golden::near(xt::xarray<double>(y.value<double>()), xt::xarray<double>(9 * as), 1e-15));
    BOOST_TEST(
        golden::near(xt::xarray<double>(backward(sum(y))[a].value<double>()), xt::xarray<double>(2 + 0 * as), 0));
    BOOST_TEST(golden::near(xt::xarray<double>(custom(Copying{}, a).value<double>()), xt::xarray<double>(2 * as), 0));
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
