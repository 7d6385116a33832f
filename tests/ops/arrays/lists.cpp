// Operations on lists of any length, along any axes of arrays of any layout: what the definition says, written out in double.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xmath.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using Sizes  = std::vector<std::size_t>;
using Values = std::vector<double>;

// ---- what is made of one list, and the adjoint of it ----

double sum_of(Values const& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double dot(Values const& a, Values const& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
double mean_of(Values const& x) { return sum_of(x) / static_cast<double>(x.size()); }
template <class F> Values each(Values const& x, F f) {
    Values out;
    for (std::size_t j = 0; j < x.size(); ++j) out.push_back(f(j));
    return out;
}
double log_sum_exp(Values const& x) {
    double const top = *std::max_element(x.begin(), x.end());
    return top + std::log(sum_of(each(x, [&](std::size_t j) { return std::exp(x[j] - top); })));
}
Values probabilities(Values const& x) {
    return each(x, [&, all = log_sum_exp(x)](std::size_t j) { return std::exp(x[j] - all); });
}
double squares(Values const& x) { return dot(x, x); }
double deviation_squares(Values const& x) {
    return squares(each(x, [&, m = mean_of(x)](std::size_t j) { return x[j] - m; }));
}
Values largest_shares(Values const& x, double sign) {
    double most = -INFINITY, n = 0;
    for (double v : x) most = std::max(most, sign * v);
    for (double v : x) n += sign * v == most;
    return each(x, [&](std::size_t j) { return sign * x[j] == most ? 1 / n : 0.0; });
}
double product_without(Values const& x, std::size_t but) {
    double out = 1;
    for (std::size_t j = 0; j < x.size(); ++j) out *= j == but ? 1 : x[j];
    return out;
}
double summed(std::size_t from, std::size_t to, auto f) {
    double out = 0;
    for (std::size_t i = from; i < to; ++i) out += f(i);
    return out;
}
double multiplied(Values const& x, std::size_t to, std::size_t but) {
    double out = 1;
    for (std::size_t i = 0; i <= to; ++i) out *= i == but ? 1 : x[i];
    return out;
}
constexpr double eps = 1e-5;

Values normalised_adjoint(Values const& g, Values const& y, double scale, double shift) {
    return each(g, [&, n = static_cast<double>(g.size())](std::size_t j) {
        return (g[j] - shift - y[j] * dot(g, y) / n) * scale;
    });
}

/// One operation: of arrays, and of a list; a list of one number is what lists are reduced to.
struct ListCase {
    char const* name;
    std::function<Var(Var, Axes const&)> f;
    std::function<Values(Values const&)> value;
    std::function<Values(Values const& g, Values const& y, Values const& x)> pull;
    bool reduces = false, along_one = false;
};

ListCase reducing(char const* name, Var (*f)(Argument, Axes const&, Reduced, Where), double (*value)(Values const&),
                  std::function<Values(Values const& x, double y)> slope) {
    return {name, [f](Var x, Axes const& a) { return f(x, a, Reduced::keep, Where::here()); },
            [value](Values const& x) { return Values{value(x)}; },
            [slope](Values const& g, Values const& y, Values const& x) {
                return each(x, [&, d = slope(x, y[0])](std::size_t j) { return g[0] * d[j]; });
            },
            true};
}

std::vector<ListCase> reductions() {
    return {
        reducing(
            "prod", prod, [](Values const& x) { return product_without(x, x.size()); },
            [](Values const& x, double) { return each(x, [&](std::size_t j) { return product_without(x, j); }); }),
        reducing(
            "max", max, [](Values const& x) { return *std::max_element(x.begin(), x.end()); },
            [](Values const& x, double) { return largest_shares(x, 1); }),
        reducing(
            "min", min, [](Values const& x) { return *std::min_element(x.begin(), x.end()); },
            [](Values const& x, double) { return largest_shares(x, -1); }),
        reducing(
            "norm2", norm2, [](Values const& x) { return std::sqrt(squares(x)); },
            [](Values const& x, double y) { return each(x, [&](std::size_t j) { return y == 0 ? 0 : x[j] / y; }); }),
        reducing("logsumexp", logsumexp, log_sum_exp, [](Values const& x, double) { return probabilities(x); }),
        {"var", [](Var x, Axes const& a) { return var(x, a, Reduced::keep, 0); },
         [](Values const& x) { return Values{deviation_squares(x) / static_cast<double>(x.size())}; },
         [](Values const& g, Values const&, Values const& x) {
             return each(x, [&, m = mean_of(x), n = static_cast<double>(x.size())](std::size_t j) {
                 return g[0] * 2 * (x[j] - m) / n;
             });
         },
         true},
        {"stddev", [](Var x, Axes const& a) { return stddev(x, a, Reduced::keep, 0); },
         [](Values const& x) { return Values{std::sqrt(deviation_squares(x) / static_cast<double>(x.size()))}; },
         [](Values const& g, Values const& y, Values const& x) {
             return each(x, [&, m = mean_of(x), n = static_cast<double>(x.size())](std::size_t j) {
                 return y[0] == 0 ? 0 : g[0] * (x[j] - m) / n / y[0];
             });
         },
         true}};
}

std::vector<ListCase> mappings() {
    auto const along_one = [](Var (*f)(Argument, Index, Where)) {
        return [f](Var x, Axes const& a) { return f(x, *a.list.begin(), Where::here()); };
    };
    auto const scale = [](Values const& x, double square) {
        return 1 / std::sqrt(square / static_cast<double>(x.size()) + eps);
    };
    return {
        {"softmax", along_one(softmax), probabilities,
         [](Values const& g, Values const& y, Values const&) {
             return each(y, [&, s = dot(g, y)](std::size_t j) { return y[j] * (g[j] - s); });
         },
         false, true},
        {"log_softmax", along_one(log_softmax),
         [](Values const& x) { return each(x, [&, all = log_sum_exp(x)](std::size_t j) { return x[j] - all; }); },
         [](Values const& g, Values const&, Values const& x) {
             return each(x, [&, p = probabilities(x)](std::size_t j) { return g[j] - p[j] * sum_of(g); });
         },
         false, true},
        {"layer_norm", [](Var x, Axes const& a) { return layer_norm(x, a, eps); },
         [=](Values const& x) {
             return each(x, [&, m = mean_of(x)](std::size_t j) { return (x[j] - m) * scale(x, deviation_squares(x)); });
         },
         [=](Values const& g, Values const& y, Values const& x) {
             return normalised_adjoint(g, y, scale(x, deviation_squares(x)), mean_of(g));
         }},
        {"rms_norm", [](Var x, Axes const& a) { return rms_norm(x, a, eps); },
         [=](Values const& x) { return each(x, [&](std::size_t j) { return x[j] * scale(x, squares(x)); }); },
         [=](Values const& g, Values const& y, Values const& x) {
             return normalised_adjoint(g, y, scale(x, squares(x)), 0);
         }},
        {"cumsum", along_one(cumsum),
         [](Values const& x) {
             return each(x, [&](std::size_t i) { return summed(0, i + 1, [&](std::size_t j) { return x[j]; }); });
         },
         [](Values const& g, Values const&, Values const& x) {
             return each(x, [&](std::size_t j) { return summed(j, g.size(), [&](std::size_t i) { return g[i]; }); });
         },
         false, true},
        {"cumprod", along_one(cumprod),
         [](Values const& x) { return each(x, [&](std::size_t i) { return multiplied(x, i, x.size()); }); },
         [](Values const& g, Values const&, Values const& x) {
             return each(x, [&](std::size_t j) {
                 return summed(j, g.size(), [&](std::size_t i) { return g[i] * multiplied(x, i, j); });
             });
         },
         false, true},
        {"logcumsumexp", along_one(logcumsumexp),
         [](Values const& x) {
             return each(x, [&](std::size_t i) {
                 return log_sum_exp(Values(x.begin(), x.begin() + static_cast<long>(i) + 1));
             });
         },
         [](Values const& g, Values const& y, Values const& x) {
             return each(x, [&](std::size_t j) {
                 return summed(j, g.size(), [&](std::size_t i) { return g[i] * std::exp(x[j] - y[i]); });
             });
         },
         false, true}};
}

// ---- arrays ----

Sizes random_shape(Random& random) {
    Sizes out;
    std::size_t n = 1;
    for (std::uint64_t rank = 1 + random.below(5); out.size() < rank;) {  // each size is likely to be small
        std::size_t const most = std::size_t{1} << random.below(8), size = 1 + random.below(most);
        out.push_back(std::max<std::size_t>(1, std::min<std::size_t>(size, 600 / n)));
        n *= out.back();
    }
    return out;
}
xt::xarray<double> noise(Sizes const& shape, Random& random) {
    auto out = xt::xarray<double>::from_shape(shape);
    for (double& x : out) x = static_cast<double>(static_cast<float>(random.normal()));  // the same in both types
    return out;
}
bool is_in(Index axis, Axes const& axes) {
    return std::find(axes.list.begin(), axes.list.end(), axis) != axes.list.end();
}

/// The places of each list, in the order of their elements, in an array in row-major order.
std::vector<std::vector<std::size_t>> places_of_lists(Sizes const& shape, Axes const& axes) {
    std::map<std::size_t, std::vector<std::size_t>> out;
    std::size_t n = 1;
    for (std::size_t d : shape) n *= d;
    for (std::size_t i = 0; i < n; ++i) {
        std::size_t first = 0, stride = n, rest = i;
        for (std::size_t a = 0; a < shape.size(); ++a) {
            stride /= shape[a];
            first += is_in(static_cast<Index>(a), axes) ? 0 : rest / stride * stride, rest %= stride;
        }
        out[first].push_back(i);
    }
    std::vector<std::vector<std::size_t>> lists;
    for (auto const& [first, places] : out) lists.push_back(places);
    return lists;
}

/// With another last axis: element j is that at `place(j)` of the last axis of x, or 1 where there is none.
template <class Place> xt::xarray<double> relined(xt::xarray<double> const& x, std::size_t size, Place place) {
    Sizes shape(x.shape().begin(), x.shape().end());
    std::size_t const before = shape.back();
    shape.back()             = size;
    xt::xarray<double> out   = xt::ones<double>(shape);
    for (std::size_t i = 0; i < out.size(); ++i)
        if (std::size_t const j = place(i % size); j < before) out.flat(i) = x.flat(i / size * before + j);
    return out;
}

/// x in a memory of another layout: as it is, transposed, reversed, or part of more.
Var laid_out(Tape& tape, xt::xarray<double> const& x, std::uint64_t how, Var& input) {
    std::size_t const n = x.shape().back();
    if (how == 1) return transpose(input = tape.input(xt::xarray<double>(xt::transpose(x))));
    if (how == 2) return flip(input = tape.input(relined(x, n, [&](std::size_t j) { return n - 1 - j; })), -1);
    if (how == 3) return slice(input = tape.input(relined(x, n + 3, [](std::size_t j) { return j - 1; })), -1, 1, -2);
    return input = tape.input(x);
}
xt::xarray<double> as_x(xt::xarray<double> const& dx, std::uint64_t how) {
    std::size_t const n = dx.shape().back();
    if (how == 1) return xt::transpose(dx);
    if (how == 2) return relined(dx, n, [&](std::size_t j) { return n - 1 - j; });
    if (how == 3) return relined(dx, n - 3, [](std::size_t j) { return j + 1; });
    return dx;
}

double distance(auto const& got, Values const& want) {
    double out = 0, size = 1;
    for (double v : want) size = std::max(size, std::abs(v));
    auto next = want.begin();
    for (auto v : got) out = std::max(out, std::abs(static_cast<double>(v) - *next++));
    return next == want.end() ? out / size : INFINITY;
}

template <Real T> void check(ListCase const& c, std::uint64_t seed) {
    Random random(seed);
    Sizes const shape       = random_shape(random);
    xt::xarray<double> x    = noise(shape, random);
    std::uint64_t const how = random.below(4);
    if (random.below(4) == 0) x = xt::round(x);  // with some that are equal
    Axes axes(static_cast<Index>(random.below(shape.size())));
    for (Index a = 0; a < static_cast<Index>(shape.size()); ++a)
        if (!is_in(a, axes) && random.below(4) == 0 && !c.along_one) axes.list.push_back(a);
    Tape tape(dtype_of<T>);
    Var input, y = c.f(laid_out(tape, x, how, input), axes);
    xt::xarray<double> const g = noise({y.shape().begin(), y.shape().end()}, random);
    Values ys(g.size()), dxs(x.size());
    std::size_t r = 0;
    for (auto const& places : places_of_lists(shape, axes)) {
        Values const xs   = each(Values(places.size()), [&](std::size_t j) { return x.flat(places[j]); });
        auto const at     = [&](std::size_t j) { return c.reduces ? r : places[j]; };
        Values const made = c.value(xs), gs = each(made, [&](std::size_t j) { return g.flat(at(j)); });
        for (std::size_t j = 0; j < made.size(); ++j) ys[at(j)] = made[j];
        Values const d = c.pull(gs, made, xs);
        for (std::size_t j = 0; j < d.size(); ++j) dxs[places[j]] = d[j];
        ++r;
    }
    double const tolerance = std::same_as<T, float> ? 2e-5 : 1e-13;
    BOOST_TEST(distance(y.template value<T>(), ys) < tolerance);
    bool const twice = random.below(2) == 0;  // then the second increment is added to the first
    Var const loss   = twice ? Var(sum(y * tape.constant(g)) + sum(input * 0)) : Var(sum(y * tape.constant(g)));
    xt::xarray<double> const dx = backward(loss)[input].template value<T>();
    BOOST_TEST(distance(as_x(dx, how), dxs) < tolerance);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lists)

BOOST_AUTO_TEST_CASE(are_what_the_definition_says) {
    std::vector<ListCase> all = reductions();
    for (ListCase& c : mappings()) all.push_back(c);
    for (std::uint64_t seed = 0; seed < 200; ++seed)
        for (ListCase const& c : all)
            BOOST_TEST_CONTEXT(c.name << ", seed " << seed) check<float>(c, seed), check<double>(c, seed);
}

BOOST_AUTO_TEST_SUITE_END()
