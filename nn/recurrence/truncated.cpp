// Which steps the updates of truncated backpropagation through time see.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/truncated.hpp>

namespace unspool::core {

std::vector<TruncatedWindow> truncated_windows(Index steps, Truncation k, Where where) {
    if (k.k1 < 1 || k.k2 < k.k1)
        throw ValueError(fmt::format("{}: truncated backpropagation wants 1 ≤ k1 ≤ k2, not k1 = {} and k2 = {}",
                                     text(where), k.k1, k.k2));
    auto begin_of = [&](Index end) { return std::max(Index{0}, end - k.k2); };

    std::vector<TruncatedWindow> out;
    for (Index from = 0; from < steps; from += k.k1) {
        Index const end = std::min(from + k.k1, steps), next_end = std::min(end + k.k1, steps);
        out.push_back({begin_of(end), from, end, end == steps ? steps : begin_of(next_end)});
    }
    return out;
}

}  // namespace unspool::core
