// What `where` leaves out has no part in any derivative, of whatever order, even where the operation has none: the results are those
// of other operands in its place.
#include <boost/test/unit_test.hpp>
#include <limits>
#include <ops/derivatives/checks.hpp>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;

namespace {

constexpr double inf   = std::numeric_limits<double>::infinity();
constexpr double bad[] = {0, -1, 1, -inf, inf, std::numeric_limits<double>::quiet_NaN(), 1e300, -1e300};
constexpr Index places = 3 * static_cast<Index>(std::size(bad));

// Operations of a user, which have no derivative at 0 or are no number below it.
struct Root {
    static constexpr auto name = "root";
    template <class V> static V f(V x) { return sqrt(x); }
    template <class V> static V df(V, V y) { return V(0.5) / y; }
};
struct Logarithm {
    static constexpr auto name = "logarithm";
    template <class V> static V f(V x) { return log(x); }
    template <class V> static V df(V x, V) { return V(1) / x; }
};
struct Quotient {
    static constexpr auto name = "quotient";
    template <class V> static V f(V a, V b) { return a / b; }
    template <class V> static Pair<V> df(V, V b, V y) { return {V(1) / b, -y / b}; }
};
struct Below {  // one that selects
    static constexpr auto name = "below";
    template <class V> static V f(V x) { return select(x < V(1), sqrt(x), V(0)); }
    template <class V> static V pull(V g, V x, V y) { return select(x < V(1), g * (V(0.5) / y), V(0)); }
};

using Chosen = std::function<Var(Var mask, Inputs x)>;

/// The derivatives of four orders, each of weighed sums of the last one's, by all operands.
std::vector<Doubles> derivatives(Chosen const& f, Doubles const& mask, std::vector<Doubles> const& at) {
    Tape tape(float64);
    std::vector<Var> xs;
    for (Doubles const& x : at) xs.push_back(tape.input(x));
    Var y = f(tape.constant(mask), xs);
    std::vector<Doubles> out;
    for (int order = 0; order < 4; ++order) {
        std::vector<Var> const g = gradient(weighed(tape, y, 7), xs);
        y                        = 0 * xs[0];  // what does not depend on them may be there
        for (std::size_t k = 0; k < g.size(); ++k) {
            out.push_back(g[k].value<double>());
            y = y + static_cast<double>(k + 1) * g[k];
        }
    }
    return out;
}

/// With operands that are bad where they are not chosen, and with others there.
void compare_choice(std::string const& what, std::size_t operands, Interval domain, bool first, Chosen const& f) {
    Doubles const coins = numbers({places}, {0, 1}, {}, 3), chosen = xt::cast<double>(coins < 0.5);
    std::vector<Doubles> good, with_bad;
    for (std::size_t k = 0; k < operands; ++k) {
        good.push_back(numbers({places}, domain, {}, 20 + k)), with_bad.push_back(good.back());
        for (std::size_t i = 0; i < static_cast<std::size_t>(places); ++i)
            if (chosen(i) == 0) with_bad.back()(i) = bad[(i + 3 * k) % std::size(bad)];
    }
    good.push_back(ordinary({places}, 9)), with_bad.push_back(good.back());
    Doubles const mask  = first ? chosen : Doubles(1 - chosen);
    auto const expected = derivatives(f, mask, good), got = derivatives(f, mask, with_bad);
    for (std::size_t k = 0; k < got.size(); ++k)
        BOOST_TEST((got[k] == expected[k]),
                   what << ", order " << 1 + k / (operands + 1) << ", operand " << k % (operands + 1));
}

/// Of a term of all operands but the last, and of the last in the other branch.
template <class Term> void check_choice(std::string const& what, std::size_t operands, Interval domain, Term term) {
    auto const other = [](Inputs x) { return square(x.back()) * x.back(); };
    compare_choice(what, operands, domain, true, [=](Var m, Inputs x) -> Var { return where(m, term(x), other(x)); });
    compare_choice(what, operands, domain, false, [=](Var m, Inputs x) -> Var { return where(m, other(x), term(x)); });
}

template <class Op, std::size_t... k> void check_operation(std::index_sequence<k...>) {
    if constexpr (!requires { Op::surrogate; })
        check_choice(Op::name, sizeof...(k), Op::domain, [](Inputs x) { return apply<Op>(x[k]...); });
}
template <std::size_t operands, class... Op> void check_all(List<Op...>) {
    (..., check_operation<Op>(std::make_index_sequence<operands>{}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(derivatives_of_choices)

BOOST_AUTO_TEST_CASE(of_one_argument) { check_all<1>(UnaryOps{}); }
BOOST_AUTO_TEST_CASE(of_two_arguments) { check_all<2>(BinaryOps{}); }

BOOST_AUTO_TEST_CASE(of_operations_of_a_user) {
    constexpr Interval below_one{0.2, 0.9};
    check_choice("root", 1, below_one, [](Inputs x) { return apply<Root>(x[0]); });
    check_choice("logarithm", 1, below_one, [](Inputs x) { return apply<Logarithm>(x[0]); });
    check_choice("quotient", 2, below_one, [](Inputs x) { return apply<Quotient>(x[0], x[1]); });
    check_choice("below", 1, below_one, [](Inputs x) { return apply<Below>(x[0]); });
    check_choice("of each other", 1, below_one, [](Inputs x) { return apply<Logarithm>(apply<Root>(x[0])); });
    check_choice("of the library's", 2, below_one,
                 [](Inputs x) { return apply<Root>(1 / log(x[0] + 1)) * sqrt(x[1]); });
    check_choice("in the library's", 2, below_one,
                 [](Inputs x) { return tanh(apply<Quotient>(x[0], exp(x[1]))) / apply<Root>(x[0]); });
    check_choice("twice chosen", 1, below_one,
                 [](Inputs x) { return where(x[0] > 0.5, apply<Root>(x[0]), sqrt(x[0])); });
}

BOOST_AUTO_TEST_CASE(where_nothing_is_chosen) {
    Tape tape(float64);
    Var const x = tape.input(Doubles{0, -1}), z = tape.input(Doubles{2, 3});
    Var const y = where(tape.constant(Doubles{0, 0}), apply<Root>(x), square(z) * z);
    Var const g = gradient(sum(y), x) + gradient(sum(y), z), h = gradient(sum(g), x) + gradient(sum(g), z);
    BOOST_TEST((g.value<double>() == Doubles{12, 27}));
    BOOST_TEST((h.value<double>() == Doubles{12, 18}));
}

BOOST_AUTO_TEST_SUITE_END()
