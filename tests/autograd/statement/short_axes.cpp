// Statements whose last axes are short, odd, reversed or repeated: the same as of arrays that are written out.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using Sizes = std::vector<std::size_t>;

struct RandomShapes {
    Sizes whole, part[2];

    explicit RandomShapes(Random& random) {
        std::size_t const rank = 1 + random.below(5);
        std::size_t n          = 1;
        for (std::size_t a = rank; a-- > 0;) {  // the last two are 1 to 64 long
            std::size_t const most = a + 2 < rank ? 5 : 64;
            whole.insert(whole.begin(),
                         std::max<std::size_t>(1, std::min<std::size_t>(1 + random.below(most), 30'000 / n)));
            n *= whole.front();
        }
        if (random.below(3) == 0) whole.back() = 16 * (1 + random.below(4));  // rows of whole registers
        for (Sizes& s : part)
            for (std::size_t d : whole) s.push_back(random.below(2) ? 1 : d);
        if (random.below(2)) part[0].erase(part[0].begin(), part[0].begin() + static_cast<long>(random.below(rank)));
    }
};

template <Real T> xt::xarray<T> noise(Sizes const& shape, Random& random) {
    auto out = xt::xarray<T>::from_shape(shape);
    for (T& x : out) x = static_cast<T>(random.normal());
    return out;
}

/// A reversed and transposed view of an array that is laid out accordingly, or the array itself.
template <Real T> Var laid_out(Tape& tape, xt::xarray<T> const& x, std::uint64_t how, Var& input) {
    if (how == 0 || x.dimension() < 2) return input = tape.input(x);
    xt::xarray<T> const turned = xt::transpose(x);
    input                      = tape.input(turned);
    Var const seen             = transpose(input);
    return how == 1 ? seen : flip(flip(seen, 0), 0);
}

template <Real T> bool near(xt::xarray<T> const& a, xt::xarray<T> const& b, double tolerance) {
    if (a.shape() != b.shape()) return false;
    double largest = 1;
    for (T x : b) largest = std::max(largest, static_cast<double>(std::abs(x)));
    return std::equal(a.begin(), a.end(), b.begin(),
                      [&](T x, T y) { return std::abs(static_cast<double>(x - y)) <= tolerance * largest; });
}

/// The value and the gradients of one formula, with its arrays as they are, or all written out to one shape.
template <Real T> void check(std::uint64_t seed) {
    Random random(seed);
    RandomShapes const s(random);
    auto const x = noise<T>(s.whole, random), a = noise<T>(s.part[0], random), b = noise<T>(s.part[1], random);
    auto const weights      = noise<T>(s.whole, random);
    std::uint64_t const how = random.below(3), ending = random.below(3);
    Index const axis = static_cast<Index>(random.below(s.whole.size()));
    auto const loss  = [&](Tape& tape, Var X, Var A, Var B) -> Var {
        Var const w = tape.constant(weights);
        if (ending == 0) return sum(w * (tanh(X * A) + A * B));
        if (ending == 1) return sum(square(sum((X * A - B) * w, axis)));
        Var const y = tanh(X * A) + A * B;
        return mean(y * w * y);
    };
    Tape tape(dtype_of<T>), plain(dtype_of<T>);
    Var inputs[3];
    Var const X = laid_out(tape, x, how, inputs[0]), A = laid_out(tape, a, how, inputs[1]),
              B     = laid_out(tape, b, 0, inputs[2]);
    auto const wide = [&](xt::xarray<T> const& part) {
        return plain.input(xt::xarray<T>(xt::broadcast(part, s.whole)));
    };
    Var const X1 = plain.input(x), A1 = wide(a), B1 = wide(b);
    Var y = tanh(X * A) + A * B, y1 = tanh(X1 * A1) + A1 * B1;
    double const eps = std::numeric_limits<T>::epsilon();
    BOOST_TEST(near<T>(y.template value<T>(), y1.template value<T>(), 2 * eps));
    auto const g = backward(loss(tape, X, A, B)), g1 = backward(loss(plain, X1, A1, B1));
    auto const narrow = [&](Var const& of, Sizes const& part) {  // the sum over what was repeated
        Tape sums(float64);
        Var all = sums.constant(xt::xarray<double>(g1[of].template value<T>()));
        for (std::size_t k = s.whole.size() - part.size(); k > 0; --k) all = sum(all, 0);
        for (std::size_t k = 0; k < part.size(); ++k)
            if (part[k] == 1) all = sum(all, static_cast<Index>(k), Reduced::keep);
        return xt::xarray<T>(all.value<double>());
    };
    auto const turned = [&](Var const& input, bool was) {
        xt::xarray<T> const d = g[input].template value<T>();
        return was ? xt::xarray<T>(xt::transpose(d)) : d;
    };
    double const tolerance = 2000 * eps;
    BOOST_TEST(near<T>(turned(inputs[0], how != 0 && x.dimension() > 1), narrow(X1, s.whole), tolerance));
    BOOST_TEST(near<T>(turned(inputs[1], how != 0 && a.dimension() > 1), narrow(A1, s.part[0]), tolerance));
    BOOST_TEST(near<T>(turned(inputs[2], false), narrow(B1, s.part[1]), tolerance));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(short_axes)

BOOST_AUTO_TEST_CASE(are_like_arrays_that_are_written_out) {
    for (std::uint64_t seed = 0; seed < 1000; ++seed)
        BOOST_TEST_CONTEXT("seed " << seed) check<float>(seed), check<double>(seed);
}

BOOST_AUTO_TEST_SUITE_END()
