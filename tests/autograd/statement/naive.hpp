// A second way to compute a statement and its gradients: element by element, in double, following the addresses that
// each leaf's strides lead to.  It shares nothing with the engine's loops.
#pragma once
#include <boost/test/unit_test.hpp>
#include <functional>
#include <unordered_map>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::test {

using namespace core;

/// A formula of several arguments, and its partial derivatives.
struct Naive {
    std::function<double(std::vector<double> const&)> f;
    std::function<std::vector<double>(std::vector<double> const&)> df;
};

/// Relative to the larger of 1 and the expected value.
template <Real T> bool close(double got, double expected) {
    double const tolerance = std::same_as<T, float> ? 2e-5 : 1e-13;
    return std::abs(got - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

/// Numbers between low and high that no symmetry relates.
inline xt::xarray<double> numbers(std::vector<std::size_t> const& shape, Random& random, double low = -2,
                                  double high = 2) {
    xt::xarray<double> out = xt::zeros<double>(shape);
    std::generate(out.begin(), out.end(), [&] { return random.uniform(low, high); });
    return out;
}

/// The element that output index `at` reads of a leaf which is broadcast to `rank` axes.
template <Real T> T const* element(Window const& w, std::size_t rank, Index const* at) {
    T const* p = static_cast<T const*>(w.data);
    for (std::size_t i = 0; i < w.shape.rank(); ++i)
        if (w.shape[i] != 1) p += w.strides[i] * at[rank - w.shape.rank() + i];
    return p;
}

/// Compares the gradients of inputs with what the naive loop collected, address by address.
template <Real T> bool same_gradients(std::vector<Var> const& inputs, Gradients const& g,
                                      std::unordered_map<T const*, double> const& expected) {
    for (Var const& x : inputs) {
        auto const* from = static_cast<T const*>(x.window().data);
        auto const* got  = static_cast<T const*>(g[x].data());
        for (Index i = 0; i < count(x.shape()); ++i) {
            auto const it = expected.find(from + i);
            if (!close<T>(got[i], it == expected.end() ? 0 : it->second)) return false;
        }
    }
    return true;
}

/// Is `y`, and are the gradients of the inputs (whole, not views) by a weighted sum of y, what the formula says?
template <Real T>
bool agrees(Var const& y, std::vector<Var> const& leaves, std::vector<Var> const& inputs, Naive const& formula) {
    Random random(99);
    Shape const shape             = y.shape();
    xt::xarray<double> const seed = numbers({shape.begin(), shape.end()}, random);
    std::unordered_map<T const*, double> gradient;
    auto const* got = static_cast<T const*>(y.window().data);
    auto weight     = seed.begin();
    bool same       = true;
    each_index(shape, [&](Index const* at) {
        std::vector<T const*> from;
        std::vector<double> x;
        for (Var const& leaf : leaves)
            from.push_back(element<T>(leaf.window(), shape.rank(), at)), x.push_back(*from.back());
        same &= close<T>(*got++, formula.f(x));
        std::vector<double> const d = formula.df(x);
        for (std::size_t k = 0; k < leaves.size(); ++k) gradient[from[k]] += *weight * d[k];
        ++weight;
    });
    return same && same_gradients<T>(inputs, backward(y, seed), gradient);
}

}  // namespace unspool::test
