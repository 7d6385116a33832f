// Best paths, and the distance between sequences.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/losses/decoding.hpp>
#include <utility>

namespace unspool::core {

namespace {

template <class E> [[noreturn]] void refuse_decoding(Var const& x, std::string const& what, Where where) {
    throw E(describe(where, "ctc_decode", what, "[t,b,c]", std::array{Shown{label(x), x.shape(where)}}));
}

void require_decodable(Var const& x, std::vector<Index> const& lengths, Index blank, Where where) {
    Shape const& s = x.window(where).shape;
    require_constant(x.tape(), x.window(), where);
    if (s.rank() != 3) refuse_decoding<ShapeError>(x, fmt::format("{} must have 3 axes", label(x)), where);
    if (!lengths.empty() && std::ssize(lengths) != s[1])
        refuse_decoding<ShapeError>(x, fmt::format("there are {} lengths of {} sequences", lengths.size(), s[1]),
                                    where);
    for (Index n : lengths)
        if (n < 0 || n > s[0])
            refuse_decoding<IndexError>(x, fmt::format("the length {} is not in [0, {}]", n, s[0]), where);
    if (blank < 0 || blank >= s[2])
        refuse_decoding<IndexError>(x, fmt::format("the blank, {}, is not one of {} classes", blank, s[2]), where);
}

template <Real T> Index most_probable(Array<T const> const& classes) {
    auto const p = [&](Index c) { return classes.data[c * classes.strides[0]]; };
    Index best   = 0;
    for (Index c = 1; c < classes.shape[0]; ++c)
        if (p(c) > p(best)) best = c;
    return best;
}

/// Of one sequence [t,c].
template <Real T> std::vector<Index> best_path(Array<T const> const& x, Index length, Index blank) {
    std::vector<Index> out;
    Index last = blank;
    for (Index t = 0; t < length; ++t) {
        Index const c = most_probable<T>(at(x, t));
        if (c != last && c != blank) out.push_back(c);
        last = c;
    }
    return out;
}

}  // namespace

std::vector<std::vector<Index>> ctc_decode(Var const& log_probabilities, std::vector<Index> const& lengths, Index blank,
                                           Where where) {
    require_decodable(log_probabilities, lengths, blank, where);
    std::vector<std::vector<Index>> out;
    dispatch(log_probabilities.dtype(where), [&](auto t) {
        auto const all = array_of<decltype(t) const>(log_probabilities.tape(where), log_probabilities.window(where));
        for (Index b = 0; b < all.shape[1]; ++b)
            out.push_back(best_path<decltype(t)>(at(all, std::size_t{1}, b),
                                                 lengths.empty() ? all.shape[0] : lengths[static_cast<std::size_t>(b)],
                                                 blank));
    });
    return out;
}

Index edit_distance(std::span<Index const> a, std::span<Index const> b) {
    std::vector<Index> row(b.size() + 1);  // from the part of a so far to each part of b
    std::iota(row.begin(), row.end(), Index{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        Index diagonal = std::exchange(row[0], static_cast<Index>(i) + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            Index const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal             = row[j + 1];
            row[j + 1]           = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace unspool::core
