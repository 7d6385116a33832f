// What to train on.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/split.hpp>

namespace unspool::core {

namespace {

Index checked_count(Index n, double fraction, Where where) {
    if (!(fraction > 0 && fraction < 1))
        throw ValueError(fmt::format("{}: split: fraction is {}, but must be in (0, 1)", text(where), fraction));
    auto const count = static_cast<Index>(std::lround(fraction * static_cast<double>(n)));
    if (count < 1 || count >= n)
        throw ValueError(fmt::format("{}: split: {} of {} leaves {} to train on and {} to validate", text(where),
                                     fraction, n, n - count, count));
    return count;
}

// Elements [begin, end) of an order validate.
DataSplit cut(std::vector<Index> const& order, Index begin, Index end) {
    DataSplit out{{order.begin(), order.begin() + begin}, {order.begin() + begin, order.begin() + end}};
    out.train.insert(out.train.end(), order.begin() + end, order.end());
    std::sort(out.train.begin(), out.train.end());
    std::sort(out.validation.begin(), out.validation.end());
    return out;
}

}  // namespace

DataSplit random_split(Index n, double fraction, std::uint64_t seed, Where where) {
    Index const count = checked_count(n, fraction, where);
    Random random     = round_of(seed, 0);
    return cut(permutation(n, random), n - count, n);
}

DataSplit chronological_split(Index n, double fraction, Where where) {
    Index const count = checked_count(n, fraction, where);
    std::vector<Index> order(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) order[static_cast<std::size_t>(i)] = i;
    return cut(order, n - count, n);
}

std::vector<DataSplit> k_fold(Index n, Index k, std::uint64_t seed, Where where) {
    if (k < 2 || k > n)
        throw ValueError(fmt::format("{}: k_fold: k is {}, but must be from 2 to the {} examples", text(where), k, n));
    Random random    = round_of(seed, 0);
    auto const order = permutation(n, random);
    std::vector<DataSplit> out;
    for (Index i = 0; i < k; ++i) out.push_back(cut(order, n * i / k, n * (i + 1) / k));
    return out;
}

}  // namespace unspool::core
