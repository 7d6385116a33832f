// An operation that does not say that it takes any bits sees nothing but elements of its operands, and what is made of them: one with a
// loop in it would else never end, with what lies behind the end of an array.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace only_elements {

namespace {

int strangers = 0;  // lanes that were seen, of which none belongs to an array

/// Elements are at least 1 and less than 2.
template <class V> V watched(V const& x) {
    if constexpr (!is_symbol<V>)
        if (!xsimd::all(x >= V(1) && x < V(2))) ++strangers;
    return x;
}

struct Watched {
    static constexpr auto name = "watched";
    template <class V> static V f(V x) { return watched(x); }
    template <class V> static V df(V x, V y) { return watched(x) / watched(y); }
};
struct WatchedMean {
    static constexpr auto name = "watched_mean";
    template <class V> static V f(V a, V b) { return (watched(a) + watched(b)) * V(0.5f); }
    template <class V> static Pair<V> df(V a, V b, V y) {
        return {watched(a) * V(0.5f) / a, V(0.5f) * watched(b) / b + y - y};
    }
};
struct WatchedChoice {
    static constexpr auto name = "watched_choice";
    template <class V> static V f(V a, V b, V c) { return max(watched(a), min(watched(b), watched(c))); }
    template <class V> static Triple<V> pull(V g, V a, V b, V c, V) {
        return {watched(a) * g, watched(b) * g, watched(c) * g};
    }
};

/// What the tape will hand out next held these before.
template <Real T> void litter(Tape& tape, T what) {
    Tape::Mark const mark = tape.mark();
    for (int i = 0; i < 4; ++i) tape.input(xt::xarray<T>(what * xt::ones<T>({997})));
    tape.rewind(mark);
}

using Choose = std::mt19937_64;
Index below(Choose& choose, Index n) { return static_cast<Index>(choose() % static_cast<std::uint64_t>(n)); }

/// Of a shape that broadcasts to `whole`; some as views of a larger array.
template <Real T> Var operand(Tape& tape, Shape const& whole, Choose& choose) {
    Shape shape = whole;
    for (Index& n : shape)
        if (below(choose, 4) == 0) n = 1;
    bool const cut = !shape.empty() && below(choose, 3) == 0, turned = shape.size() == 2 && below(choose, 3) == 0;
    if (cut) shape[shape.size() - 1] += 3;
    if (turned) std::swap(shape[0], shape[1]);
    std::vector<std::size_t> const sizes(shape.begin(), shape.end());
    xt::xarray<T> numbers = xt::xarray<T>::from_shape(sizes);
    for (T& x : numbers) x = std::uniform_real_distribution<T>(T(1.01), T(1.99))(choose);
    Var x = tape.input(numbers);
    if (turned) x = transpose(x);
    return cut ? slice(x, -1, 1, x.size(-1) - 2) : x;
}

template <class F> void record_one(Choose& choose, F const& f, std::vector<Var> const& xs) {
    Var const y = below(choose, 2) ? f(xs) : Var(sum(f(xs)));
    backward(y.shape().empty() ? y : Var(sum(y)));
    if (y.shape().empty()) return;
    Var const rest = f(std::vector(xs.size(), y));  // of what was computed
    backward(Var(sum(rest * y)));
}

template <Real T> void watch(Choose& choose, T behind) {
    Tape tape(dtype_of<T>);
    litter(tape, behind);
    Shape whole;
    for (Index axes = below(choose, 4); axes > 0; --axes) whole.push_back(1 + below(choose, axes == 1 ? 40 : 5));
    std::vector<Var> xs;
    for (int k = 0; k < 3; ++k) xs.push_back(operand<T>(tape, whole, choose));
    litter(tape, behind);
    switch (below(choose, 4)) {
        case 0: return record_one(choose, [](std::vector<Var> const& x) { return Var(apply<Watched>(x[0])); }, {xs[0]});
        case 1:
            return record_one(choose, [](std::vector<Var> const& x) { return Var(apply<WatchedMean>(x[0], x[1])); },
                              {xs[0], xs[1]});
        case 2:
            return record_one(
                choose, [](std::vector<Var> const& x) { return Var(apply<WatchedChoice>(x[0], x[1], x[2])); }, xs);
        default:  // below operations that take anything
            return record_one(
                choose,
                [](std::vector<Var> const& x) {
                    return Var(tanh(apply<WatchedMean>(x[0], x[1])) * 0 + apply<Watched>(x[2]));
                },
                xs);
    }
}

}  // namespace

using Types = boost::mpl::list<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(of_random_shapes, T, Types) {
    Choose choose(11);
    strangers = 0;
    for (int i = 0; i < 1'000; ++i)
        for (T behind : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::lowest(), T(0)})
            watch<T>(choose, behind);
    BOOST_TEST(strangers == 0);
}

}  // namespace only_elements
