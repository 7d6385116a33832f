// Copies between arrays of any two layouts, element by element; and nothing else is touched.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>
#include <runs.hpp>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/cpu/copy.hpp>
#include <vector>

using namespace unspool;
using namespace unspool::core;

namespace {

/// A shape in a memory that it does not fill: axes in any order, some backwards, some with gaps, some repeated.
template <Real T> struct Layout {
    std::vector<T> memory;
    Strides strides;
    Index first = 0;

    Layout(Shape const& shape, Random& random, bool may_repeat) : strides(shape) {
        std::vector<std::size_t> order(shape.rank());
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (random.below(2) == 0)
            for (std::size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[random.below(k)]);
        Index next = 1;
        for (std::size_t k = order.size(); k-- > 0;) {
            std::size_t const a = order[k];
            bool const repeated = may_repeat && random.below(3) == 0, back = random.below(6) == 0;
            next *= random.below(6) == 0 ? 2 : 1;
            strides[a] = repeated ? 0 : back ? -next : next;
            if (!repeated && back) first += (shape[a] - 1) * next;
            if (!repeated) next *= shape[a] + (random.below(6) == 0 ? 1 : 0);
        }
        memory.resize(static_cast<std::size_t>(next));
        for (T& x : memory) x = static_cast<T>(std::round(10 * random.normal()));
    }
    Array<T> array(Shape const& shape) { return {memory.data() + first, shape, strides}; }
};

Shape random_shape(Random& random) {
    Shape out;
    Index n = 1;
    for (std::uint64_t rank = random.below(6); out.rank() < rank; n *= out.back())
        out.push_back(std::min<Index>(1 + static_cast<Index>(random.below(std::uint64_t{1} << random.below(11))),
                                      std::max<Index>(1, 4000 / n)));
    return out;
}

template <Real T> void check(std::uint64_t seed) {
    Random random(seed);
    Shape const shape    = random_shape(random);
    WriteMode const fill = random.below(2) ? WriteMode::add : WriteMode::assign;
    Layout<T> to(shape, random, fill == WriteMode::add), from(shape, random, true);
    std::vector<T> want = to.memory;
    for (Index i = 0; i < count(shape); ++i) {
        Index rest = i, a = to.first, b = from.first;
        for (std::size_t k = shape.rank(); k-- > 0; rest /= shape[k])
            a += rest % shape[k] * to.strides[k], b += rest % shape[k] * from.strides[k];
        T& x = want[static_cast<std::size_t>(a)];
        x    = from.memory[static_cast<std::size_t>(b)] + (fill == WriteMode::add ? x : T(0));
    }
    copy<T>(to.array(shape), from.array(shape), fill);
    BOOST_TEST((to.memory == want), "seed " << seed << ", shape " << text(shape));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(copies)

using Types = boost::mpl::list<float, double>;
BOOST_AUTO_TEST_CASE_TEMPLATE(of_any_layout, T, Types) {
    for (int seed = 0; seed < runs(4'000, 20'000); ++seed) check<T>(static_cast<std::uint64_t>(seed));
}

BOOST_AUTO_TEST_SUITE_END()
