// Every pair of small shapes, against naive loops; and operands in strides, bit for bit as their contiguous copies.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <ops/checks.hpp>
#include <ops/elementwise/table.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;
using table::Row;

namespace {

std::vector<Shape> small_shapes() {
    std::vector<Shape> out{{}};
    for (std::size_t i = 0; out[i].rank() < 3; ++i)
        for (Index n : {1, 2, 3}) out.push_back(sequence_of(out[i], n));
    return out;
}

/// The place in an array of a shape that an index of a larger shape means.
std::size_t place(Shape const& s, Shape const& larger, std::size_t at) {
    std::size_t out = 0, step = 1;
    for (std::size_t a = larger.rank(); a-- > 0; at /= static_cast<std::size_t>(larger[a])) {
        std::size_t const missing = larger.rank() - s.rank();
        if (a < missing) continue;
        auto const n = static_cast<std::size_t>(s[a - missing]), i = at % static_cast<std::size_t>(larger[a]);
        out += (n == 1 ? 0 : i) * step, step *= n;
    }
    return out;
}

/// The shape that both broadcast to, unless they do not.
std::optional<Shape> common(Shape a, Shape b) {
    while (a.rank() < b.rank()) a = sequence_of(a, 1);
    while (b.rank() < a.rank()) b = sequence_of(b, 1);
    for (std::size_t k = 0; k < a.rank(); ++k) {
        if (a[k] != b[k] && a[k] != 1 && b[k] != 1) return {};
        a[k] = std::max(a[k], b[k]);
    }
    return a;
}

struct Function {
    char const* name;
    double (*f)(double a, double b);
    Pair<double> (*df)(double a, double b);
};
Function const functions[] = {{"/", [](double a, double b) { return a / b; },
                               [](double a, double b) {
                                   return Pair<double>{1 / b, -a / (b * b)};
                               }},
                              {"pow", [](double a, double b) { return std::pow(a, b); },
                               [](double a, double b) {
                                   return Pair<double>{b * std::pow(a, b - 1), std::pow(a, b) * std::log(a)};
                               }}};

bool near(double a, double b) { return std::abs(a - b) <= 1e-13 * std::max(1.0, std::abs(b)); }

void compare(Function const& fn, Shape const& sa, Shape const& sb, Shape const& shape) {
    Tape tape(float64);
    Doubles const a = numbers(sa, {0.5, 2}, {}, 1), b = numbers(sb, {0.5, 2}, {}, 2), g = ordinary(shape, 3);
    Var const xa = tape.input(a), xb = tape.input(b), y = table::named(fn.name, 2).call(std::array{xa, xb});
    Doubles want = g, da = a * 0, db = b * 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        std::size_t const ia = place(sa, shape, i), ib = place(sb, shape, i);
        Pair<double> const d = fn.df(a.flat(ia), b.flat(ib));
        want.flat(i)         = fn.f(a.flat(ia), b.flat(ib));
        da.flat(ia) += g.flat(i) * d.da, db.flat(ib) += g.flat(i) * d.db;
    }
    auto const same = [](auto const& got, Doubles const& expected) {
        return std::equal(got.begin(), got.end(), expected.begin(), expected.end(), near);
    };
    Gradients const grads = backward(y, g);
    BOOST_TEST((y.shape() == shape));
    BOOST_TEST(
        (same(y.value<double>(), want) && same(grads[xa].value<double>(), da) && same(grads[xb].value<double>(), db)),
        fn.name << " " << text(sa) << " " << text(sb));
}

/// The value and the gradients by operands that are views, or contiguous copies of them.
template <Real T> std::vector<xt::xarray<T>> results(Row const& r, std::size_t way, std::size_t arity, bool copied) {
    Tape tape(dtype_of<T>);
    std::vector<Var> operands;
    for (std::size_t k = 0; k < arity; ++k) {
        Viewed const& v = views[(way + k) % ways];
        Var const view  = v.part(tape.input(numbers(v.larger({3, 21}), r.domain, {}, k + 1)), 2);
        operands.push_back(copied ? tape.input(xt::xarray<T>(view.value<T>())) : view);
    }
    Var const y = r.call(operands);
    std::vector<xt::xarray<T>> out{y.value<T>()};
    Gradients const g = backward(y, ordinary(y.shape(), 9));
    for (Var const& x : operands) out.push_back(g[x].value<T>());
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(broadcasting)

BOOST_AUTO_TEST_CASE(all_pairs_of_small_shapes) {
    std::vector<Shape> const shapes = small_shapes();
    BOOST_TEST(shapes.size() == 40);
    for (Shape const& a : shapes)
        for (Shape const& b : shapes)
            for (Function const& f : functions)
                if (auto const shape = common(a, b)) compare(f, a, b, *shape);
                else {
                    Tape tape;
                    BOOST_CHECK_THROW(table::named(f.name, 2).call(
                                          std::array{tape.input(ordinary(a, 1)), tape.input(ordinary(b, 2))}),
                                      ShapeError);
                }
}

using Types = boost::mpl::list<float, double>;
BOOST_AUTO_TEST_CASE_TEMPLATE(strides_change_no_bit, T, Types) {
    std::size_t arity = 0;
    for (auto const& rows : {table::unary(), table::binary(), table::ternary()}) {
        ++arity;
        for (Row const& r : rows)
            for (std::size_t way = 0; way < ways; ++way)
                BOOST_TEST((results<T>(r, way, arity, false) == results<T>(r, way, arity, true)),
                           r.name << ", way " << way);
    }
}

BOOST_AUTO_TEST_SUITE_END()
