// What every operation is put through: its gradients against differences, and float32 against float64, with operands that
// are views of all kinds.
#pragma once
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <functional>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/ops/ops.hpp>

namespace checks {

using namespace unspool;
using namespace unspool::core;
using Doubles = xt::xarray<double>;
using Inputs  = std::span<Var const>;

/// Numbers in an interval, none of them near a place to avoid, and no two alike.
inline Doubles numbers(Shape const& shape, Interval domain, std::span<double const> avoided, std::uint64_t seed) {
    Random random(seed);
    Doubles out     = Doubles::from_shape({shape.begin(), shape.end()});
    auto const near = [&](double x) {
        return std::any_of(avoided.begin(), avoided.end(), [x](double a) { return std::abs(x - a) < 0.01; });
    };
    for (double& x : out) do
            x = random.uniform(domain.low, domain.high);
        while (near(x));
    return out;
}
inline Doubles ordinary(Shape const& shape, std::uint64_t seed) { return numbers(shape, {-2, 2}, {}, seed); }

// ---- an operand as a view of a larger array ----

struct Viewed {
    char const* name;
    Shape (*larger)(Shape const&);  // the whole, for a part of this shape
    Var (*part)(Var whole, std::size_t rank);
};

inline Shape reversed(Shape const& s) {
    Shape out = s;
    std::reverse(out.begin(), out.end());
    return out;
}
inline Shape sequence_of(Shape s, Index n) {
    s.insert(0, n);
    return s;
}
inline Shape longer(Shape s, std::size_t axis, Index times, Index more) {
    s[axis] = s[axis] * times + more;
    return s;
}

inline Viewed const views[] = {
    {"whole", [](Shape const& s) { return s; }, [](Var x, std::size_t) { return x; }},
    {"element of a sequence", [](Shape const& s) { return sequence_of(s, 3); },
     [](Var x, std::size_t) { return x[1]; }},
    {"transpose", reversed, [](Var x, std::size_t) { return transpose(x); }},
    {"last of three pieces", [](Shape const& s) { return s.empty() ? Shape{3} : longer(s, s.rank() - 1, 3, 0); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[2] : piece(x, 2, 3); }},
    {"every third element",
     [](Shape const& s) {
         Shape out = s;
         out.push_back(3);
         return out;
     },
     [](Var x, std::size_t) { return index(x, -1, 1); }},
    {"odd slice", [](Shape const& s) { return s.empty() ? Shape{4} : longer(s, 0, 1, 3); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[-1] : slice(x, 0, 1, -2); }},
    {"flipped", [](Shape const& s) { return s.empty() ? Shape{2} : s; },
     [](Var x, std::size_t rank) { return rank == 0 ? x[1] : flip(x, -1); }},
    {"every second", [](Shape const& s) { return s.empty() ? Shape{2} : longer(s, 0, 2, 1); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[1] : slice(x, 0, 1, x.size(0), 2); }},
    {"slice of a transposed element",
     [](Shape const& s) { return sequence_of(s.empty() ? s : reversed(longer(s, 0, 1, 4)), 2); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[1] : slice(transpose(x[1]), 0, 3, -1); }},
};
inline constexpr std::size_t ways = std::size(views);

/// A function of operands; operand k is seen through views[way[k]].
struct Case {
    std::string what;
    std::vector<Doubles> inputs;
    std::function<Var(Tape&, Inputs)> f;
};

template <class Value> Case viewed(std::string const& what, std::vector<Shape> const& shapes,
                                   std::vector<std::size_t> const& way, Value value, auto f) {
    Case out;
    for (std::size_t k = 0; k < shapes.size(); ++k)
        out.inputs.push_back(value(views[way[k]].larger(shapes[k]), 31 * k + 7));
    for (std::size_t w : way) out.what += fmt::format("{}{}", out.what.empty() ? what + ": " : ", ", views[w].name);
    out.f = [=](Tape& tape, Inputs x) {
        std::vector<Var> operands;
        for (std::size_t k = 0; k < x.size(); ++k) operands.push_back(views[way[k]].part(x[k], shapes[k].rank()));
        return f(tape, Inputs(operands));
    };
    return out;
}

// ---- the checks ----

inline void check_gradients(Case const& c, double worst) {
    std::vector<GradInput> const inputs(c.inputs.begin(), c.inputs.end());
    GradReport const r = gradcheck(c.f, inputs);
    BOOST_TEST(r, c.what << "\n" << r);
    BOOST_TEST(r.worst_error() < worst, c.what << "\n" << r);
}

/// The result, and the gradients of a weighted sum of it.
template <Real T> std::vector<Doubles> computed(Case const& c) {
    Tape tape(dtype_of<T>);
    std::vector<Var> xs;
    for (Doubles const& x : c.inputs) xs.push_back(tape.input(x));
    Var const y = c.f(tape, xs);
    std::vector<Doubles> out{Doubles(y.value<T>())};
    Gradients const g = backward(y, ordinary(y.shape(), 5));
    for (Var const& x : xs) out.push_back(Doubles(g[x].value<T>()));
    return out;
}
inline bool close(double a, double b) { return std::abs(a - b) <= 3e-5 * std::max(1.0, std::abs(b)); }

inline void check_float(Case c) {
    for (Doubles& x : c.inputs) x = xt::cast<double>(xt::xarray<float>(xt::cast<float>(x)));
    auto const narrow = computed<float>(c), wide = computed<double>(c);
    for (std::size_t i = 0; i < wide.size(); ++i)
        BOOST_TEST(std::equal(narrow[i].begin(), narrow[i].end(), wide[i].begin(), wide[i].end(), close),
                   c.what << ", array " << i);
}

inline void check(Case const& c, double worst = 1e-6) { check_gradients(c, worst), check_float(c); }

}  // namespace checks
