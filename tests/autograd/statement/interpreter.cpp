// The interpreter against the compiled loops: every elementwise operation, within a product and a sum, and formulas of cells; forward
// and back, in both types, with operands that are whole, repeated, not asked for, or the same.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/statement/interpreter.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr Index width = 608,
                rows  = 3;  // whole registers of any processor; more than two blocks, the last of them a part

/// The operands of a formula, and what comes of them.
template <Real T> struct Arrays {
    int leaves;
    std::vector<std::vector<T>> x, dx;
    std::vector<T> y, g;
    std::vector<T const*> xs;
    std::vector<T*> dxs;
    std::vector<Index> step, skip;
    std::vector<WriteMode> fill;
    std::vector<double> numbers;

    Arrays(int n, int m, Interval domain, bool repeated) : leaves(n), y(rows * width), g(y.size()), numbers(m, 0.5) {
        Random random(7);
        auto const in = [&](double low, double high) { return static_cast<T>(low + (high - low) * random.uniform()); };
        for (T& v : g) v = in(-1, 1);
        for (int k = 0; k < n; ++k) {
            bool const one = repeated && k % 2 == 0;  // its first register stands for all
            x.emplace_back(y.size());
            for (T& v : x.back()) v = in(domain.low, domain.high);
            dx.emplace_back(y.size(), T(0.25));
            step.push_back(!one), skip.push_back(0);
            fill.push_back(k == 1 && !repeated ? WriteMode::assign : k == 2 ? WriteMode::none : WriteMode::add);
        }
    }
    Streams<T> streams() {
        xs.clear(), dxs.clear();
        for (auto& v : x) xs.push_back(v.data());
        for (auto& v : dx) dxs.push_back(v.data());
        return {y.data(), g.data(), xs.data(), dxs.data(), step.data(), skip.data(), fill.data(), numbers.data()};
    }
};

/// In units of the last place of 1, or of the greater of the two.
template <Real T> double apart(std::vector<T> const& a, std::vector<T> const& b) {
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
        double const scale = std::max({T(1), std::abs(a[i]), std::abs(b[i])});
        worst              = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]) / scale);
    }
    return worst / static_cast<double>(std::numeric_limits<T>::epsilon());
}

struct Worst {
    double value = 0, adjoint = 0;
};

template <class E, Real T> void compare(char const* name, Interval domain, bool repeated, Worst& worst) {
    Arrays<T> compiled(Count<E>::leaves, Count<E>::numbers, domain, repeated), interpreted = compiled;
    Interpreter<T> interpreter(Tokens<E>::list, KernelList<E>::list);
    forward<E, T>(compiled.streams(), rows, width);
    interpreter.forward(interpreted.streams(), rows, width);
    double const value = apart(compiled.y, interpreted.y);
    BOOST_TEST(value <= 2, name << ": values are " << value << " ulp apart");
    interpreted.y = compiled.y;
    reverse<E, T>(compiled.streams(), rows, width);
    interpreter.reverse(interpreted.streams(), rows, width);
    for (std::size_t k = 0; k < compiled.dx.size(); ++k) {
        double const adjoint = apart(compiled.dx[k], interpreted.dx[k]);
        BOOST_TEST(adjoint <= 2, name << ": adjoints of operand " << k << " are " << adjoint << " ulp apart");
        worst.adjoint = std::max(worst.adjoint, adjoint);
    }
    worst.value = std::max(worst.value, value);
}

template <class E> void compare(char const* name, Interval domain, Worst& worst) {
    for (bool repeated : {false, true}) {
        compare<E, float>(name, domain, repeated, worst);
        compare<E, double>(name, domain, repeated, worst);
    }
}

template <class Op, class... X> using Within = Apply<op::Add, Apply<op::Multiply, Apply<Op, X...>, Var>, Number>;

template <class... X, class... Op> void compare_all(List<Op...>, Worst& worst) {
    auto const domain = []<class O>() {
        if constexpr (Bounded<O>) return O::domain;
        else return Interval{0.2, 0.8};
    };
    (compare<Within<Op, X...>>(Op::name, domain.template operator()<Op>(), worst), ...);
}

void report(char const* what, Worst const& w) {
    BOOST_TEST_MESSAGE(what << ": values at most " << w.value << " ulp apart, adjoints " << w.adjoint);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interpreter)

BOOST_AUTO_TEST_CASE(of_one_operand) {
    Worst worst;
    compare_all<Var>(UnaryOps{}, worst);
    report("one operand", worst);
}

BOOST_AUTO_TEST_CASE(of_two_operands) {
    Worst worst;
    compare_all<Var, Var>(BinaryOps{}, worst);
    report("two operands", worst);
}

BOOST_AUTO_TEST_CASE(of_three_operands) {
    Worst worst;
    compare_all<Var, Var, Var>(TernaryOps{}, worst);
    report("three operands", worst);
}

BOOST_AUTO_TEST_CASE(cells) {
    Worst worst;
    Tape tape;
    Var const v = tape.input(0.5);
    compare<decltype(sigmoid(v) * v + sigmoid(v) * tanh(v))>("c of an LSTM", {-2, 2}, worst);
    compare<decltype((1 - v) * v + v * v)>("h of a GRU", {-2, 2}, worst);
    compare<decltype(where(v > 0, log(v), v) * v)>("a logarithm that is not selected", {-2, 2}, worst);
    compare<decltype(square(v - v) / (v + 1e-3) - -v)>("a distance", {0.1, 2}, worst);
    compare<Var>("an operand alone", {-2, 2}, worst);
    report("cells", worst);
}

BOOST_AUTO_TEST_CASE(an_operand_that_stands_twice_is_written_first_and_added_to_then) {
    Tape tape;
    Var const v = tape.input(0.5);
    using E     = decltype((v * v + v) * v);  // x, y, x, x
    for (bool interpreted : {false, true}) {
        Arrays<double> a(4, 0, {-2, 2}, false);
        a.fill = {WriteMode::assign, WriteMode::none, WriteMode::add, WriteMode::add};
        a.x[2] = a.x[0], a.x[3] = a.x[0];
        auto s   = a.streams();
        a.dxs[2] = a.dxs[0], a.dxs[3] = a.dxs[0];
        forward<E, double>(s, rows, width);
        if (interpreted) Interpreter<double>(Tokens<E>::list, KernelList<E>::list).reverse(s, rows, width);
        else reverse<E, double>(s, rows, width);
        for (std::size_t i = 0; i < a.y.size(); ++i) {
            double const x = a.x[0][i], y = a.x[1][i], expected = a.g[i] * (x * (y + 1) + (x * y + x));
            BOOST_REQUIRE_SMALL(a.dx[0][i] - expected, 1e-13);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
