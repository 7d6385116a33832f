// What is made of rows without forming the gradients that they are the rows of: sums, and products of rows with rows.
#pragma once
#include <algorithm>
#include <functional>
#include <numeric>
#include <span>
#include <unspool/autograd/cpu/product.hpp>
#include <unspool/nn/optim/rows.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

/// The rows of one sequence.
template <Real T> Array<T const> rows_of_sequence(Values const& v, Index b, Index sequences) {
    Array<T const> const all = typed<T>(v);
    return {all.data + b * all.strides[0],
            {all.shape[0] / sequences, all.shape[1]},
            {sequences * all.strides[0], all.strides[1]}};
}

template <Real T> double product(T const* x, T const* y, Index n) {
    return std::transform_reduce(x, x + n, y, 0.0, std::plus<double>(),
                                 [](T a, T b) { return static_cast<double>(a) * static_cast<double>(b); });
}
template <Real T> double square(T const* x, Index n) { return product(x, x, n); }

inline constexpr double unweighted[] = {1};

/// Σ_r weight_r row_r, where weights are repeated; what biases receive.
template <Real T> class SumOfRows {
public:
    /// Of the same rows as the last time, if they are of the same sequence.
    std::vector<T> const& of(Array<T const> const& rows, std::span<double const> weights) {
        if (std::exchange(data_, rows.data) == rows.data) return sum_;
        sum_.assign(static_cast<std::size_t>(rows.shape[1]), T(0));
        for (Index r = 0; r < rows.shape[0]; ++r) {
            T const w          = static_cast<T>(weights[static_cast<std::size_t>(r) % weights.size()]);
            T const* const row = rows.data + r * rows.strides[0];
            std::transform(row, row + rows.shape[1], sum_.begin(), sum_.begin(), [w](T x, T s) { return s + w * x; });
        }
        return sum_;
    }
    void add_to(Array<T> const& column, Array<T const> const& rows, std::span<double const> weights) {
        std::vector<T> const& s = of(rows, weights);
        for (std::size_t j = 0; j < s.size(); ++j) column.data[static_cast<Index>(j) * column.strides[0]] += s[j];
    }

private:
    T const* data_ = nullptr;
    std::vector<T> sum_;
};

/// What norms are computed from, a sequence at a time: products of all its rows with each other, where several weights have met
/// the same made once.
template <Real T> class Grams {
public:
    explicit Grams(Index sequences) : sequences_(sequences) {}

    void go_to(Index b) { b_ = b, made_ = 0; }
    /// [T,T]
    T const* of(Values const& rows) {
        for (std::size_t k = 0; k < made_; ++k)
            if (all_[k].of == rows.data()) return all_[k].products.data();
        if (made_ == all_.size()) all_.emplace_back();
        Gram& g                      = all_[made_++];
        Array<T const> const strided = rows_of_sequence<T>(rows, b_, sequences_);
        Index const n = strided.shape[0], width = strided.shape[1];
        columns_.resize(static_cast<std::size_t>(n * width)), g.products.resize(static_cast<std::size_t>(n * n));
        Array<T> const x{columns_.data(), {width, n}, {n, 1}};
        copy<T>(x, transposed(strided));  // which is read often, and in order
        multiply<T>({g.products.data(), {n, n}, {n, 1}}, {transposed(Array<T const>(x)), x}, WriteMode::assign);
        g.of = rows.data();
        return g.products.data();
    }

private:
    struct Gram {
        void const* of = nullptr;
        std::vector<T> products;
    };
    Index sequences_, b_ = 0;
    std::size_t made_ = 0;
    std::vector<Gram> all_;
    std::vector<T> columns_;
};

}  // namespace unspool::core
