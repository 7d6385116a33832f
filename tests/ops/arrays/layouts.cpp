// Statements, sums and repetitions of operands in any layout, with short axes and long ones: what loops over single elements give.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xmanipulation.hpp>

using namespace unspool;
using namespace unspool::core;
using Doubles = xt::xarray<double>;
using Sizes   = std::vector<std::size_t>;

namespace {

Doubles whole_numbers(Sizes const& shape, Random& random) {  // so that every sum is exact
    Doubles out = Doubles::from_shape(shape);
    for (double& x : out) x = static_cast<double>(random.below(9)) - 4;
    return out;
}

Sizes random_sizes(Random& random) {
    Sizes out;
    std::size_t const row = random.below(4) == 0 ? 16 * (1 + random.below(4)) : 0;  // of whole registers
    std::size_t n         = std::max<std::size_t>(1, row);
    for (std::uint64_t rank = 1 + random.below(5); out.size() < rank; n *= out.back())
        out.push_back(std::min<std::size_t>(1 + random.below(std::uint64_t{1} << random.below(10)),
                                            std::max<std::size_t>(1, 3000 / n)));
    std::swap(out.front(), out[random.below(out.size())]);
    if (row > 0) out.back() = row;
    return out;
}

/// A slice that shows x, of more along an axis.
Var slice_of_more(Tape& tape, Doubles const& x, std::size_t axis, Random& random) {
    Sizes shape(x.shape().begin(), x.shape().end());
    std::size_t const step = 1 + random.below(3), begin = random.below(3), n = shape[axis], all = begin + n * step;
    std::size_t inner = 1;
    for (std::size_t a = axis + 1; a < shape.size(); ++a) inner *= shape[a];
    shape[axis]  = all;
    Doubles more = whole_numbers(shape, random);
    for (std::size_t i = 0; i < x.size(); ++i)
        more.flat((i / inner / n * all + begin + i / inner % n * step) * inner + i % inner) = x.flat(i);
    return slice(tape.input(more), static_cast<Index>(axis), static_cast<Index>(begin),
                 static_cast<Index>(begin + (n - 1) * step + 1), static_cast<Index>(step));
}

/// A view that shows x, of an input in another layout.
Var laid_out(Tape& tape, Doubles const& x, Random& random) {
    std::size_t const rank = x.dimension();
    auto const axis        = static_cast<Index>(random.below(rank));
    switch (random.below(6)) {
        case 0: {
            Dims order;
            std::vector<std::size_t> inverse(rank), axes(rank);
            std::iota(axes.begin(), axes.end(), std::size_t{0});
            for (std::size_t k = rank; k > 1; --k) std::swap(axes[k - 1], axes[random.below(k)]);
            for (std::size_t k = 0; k < rank; ++k) order.push_back(static_cast<Index>(axes[k])), inverse[axes[k]] = k;
            return transpose(tape.input(Doubles(xt::transpose(x, inverse))), order);
        }
        case 1: return flip(tape.input(Doubles(xt::flip(x, static_cast<std::size_t>(axis)))), axis);
        case 2: return slice_of_more(tape, x, static_cast<std::size_t>(axis), random);
        default: return tape.input(x);
    }
}

/// The place in an array that broadcasts to a shape.
std::size_t place_in(Doubles const& x, Sizes const& shape, std::size_t i) {
    std::size_t out = 0, step = 1;
    for (std::size_t a = shape.size(); a-- > 0; i /= shape[a]) {
        std::size_t const n = x.shape()[a];
        out += (n == 1 ? 0 : i % shape[a]) * step, step *= n;
    }
    return out;
}

bool same(auto const& got, Doubles const& want) {
    return std::equal(got.begin(), got.end(), want.begin(), want.end(), [](auto a, double b) {
        return std::abs(static_cast<double>(a) - b) <=
               1e-5 * std::max(4.0, std::abs(b));  // of means, which are not whole
    });
}

struct Operands {
    Sizes shape;
    Doubles a, b, g;  // b may repeat; g: of the result, which may be a sum
    bool sums = false, means = false;
    Axes axes = {};
};
Operands random_operands(Random& random) {
    Operands o{random_sizes(random), {}, {}, {}};
    Sizes repeated = o.shape, reduced = o.shape;
    for (std::size_t& n : repeated) n = random.below(2) ? 1 : n;
    o.a = whole_numbers(o.shape, random), o.b = whole_numbers(repeated, random);
    o.sums = random.below(3) == 0, o.means = o.sums && random.below(2) == 0, o.axes.all = false;
    for (std::size_t k = 0; k < o.shape.size() && o.sums; ++k)
        if (random.below(2)) o.axes.list.push_back(static_cast<Index>(k)), reduced[k] = 1;
    o.g = whole_numbers(reduced, random);
    return o;
}

template <Real T> void check_statement(std::uint64_t seed) {
    Random random(seed);
    Operands const o = random_operands(random);
    Tape tape(dtype_of<T>);
    Var const a = laid_out(tape, o.a, random), b = laid_out(tape, o.b, random);
    Var const y  = o.means  ? mean(a * b + a, o.axes, Reduced::keep)
                   : o.sums ? sum(a * b + a, o.axes, Reduced::keep)
                            : Var(a * b + a);
    Doubles want = o.g * 0, da = o.a * 0, db = o.b * 0;
    double const n = static_cast<double>(o.a.size()) / static_cast<double>(o.g.size()), scale = o.means ? 1 / n : 1;
    for (std::size_t i = 0; i < o.a.size(); ++i) {
        std::size_t const r = place_in(o.g, o.shape, i), k = place_in(o.b, o.shape, i);
        want.flat(r) += scale * (o.a.flat(i) * o.b.flat(k) + o.a.flat(i));
        da.flat(i) += scale * o.g.flat(r) * (o.b.flat(k) + 1), db.flat(k) += scale * o.g.flat(r) * o.a.flat(i);
    }
    Gradients const g = backward(y, o.g);
    BOOST_TEST((same(y.value<T>(), want) && same(g[a].template value<T>(), da) && same(g[b].template value<T>(), db)));
}

template <Real T> void check_copies(std::uint64_t seed) {
    Random random(seed);
    Operands const o = random_operands(random);
    Tape tape(dtype_of<T>);
    Dims to;
    for (std::size_t n : o.shape) to.push_back(static_cast<Index>(n));
    Var const a = laid_out(tape, o.a, random), b = laid_out(tape, o.b, random);
    Var const y = broadcast_to(b, to), z = contiguous(transpose(a));
    Doubles const g = whole_numbers(o.shape, random);
    Doubles want = g, db = o.b * 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
        std::size_t const k = place_in(o.b, o.shape, i);
        want.flat(i)        = o.b.flat(k), db.flat(k) += g.flat(i);
    }
    BOOST_TEST((same(y.value<T>(), want) && same(backward(y, g)[b].template value<T>(), db)));
    BOOST_TEST((same(z.value<T>(), xt::transpose(o.a)) &&
                same(backward(z, Doubles(xt::transpose(g)))[a].template value<T>(), g)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layouts)

using Types = boost::mpl::list<float, double>;
BOOST_AUTO_TEST_CASE_TEMPLATE(of_statements, T, Types) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) BOOST_TEST_CONTEXT("seed " << seed) check_statement<T>(seed);
}
BOOST_AUTO_TEST_CASE_TEMPLATE(of_copies, T, Types) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) BOOST_TEST_CONTEXT("seed " << seed) check_copies<T>(seed);
}

BOOST_AUTO_TEST_SUITE_END()
