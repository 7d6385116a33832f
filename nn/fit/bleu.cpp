// How near translations come to those of people.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/fit/bleu.hpp>

namespace unspool::core {

namespace {

using Counts = std::map<Symbols, Index>;

Counts n_grams(Symbols const& words, Index n) {
    Counts out;
    for (auto at = words.begin(); words.end() - at >= n; ++at) ++out[Symbols(at, at + n)];
    return out;
}

/// How often each is in the reference that has it most often.
Counts most_often(std::vector<Symbols> const& references, Index n) {
    Counts out;
    for (Symbols const& r : references)
        for (auto const& [words, count] : n_grams(r, n)) out[words] = std::max(out[words], count);
    return out;
}

struct Matches {
    Index right = 0, all = 0;
};

void add(Matches& to, Counts const& candidate, Counts const& reference) {
    for (auto const& [words, count] : candidate) {
        auto const found = reference.find(words);
        to.right += found == reference.end() ? 0 : std::min(count, found->second);
        to.all += count;
    }
}

Index nearest_length(Index length, std::vector<Symbols> const& references) {
    auto const nearer = [&](Symbols const& a, Symbols const& b) {
        Index const m = std::ssize(a), n = std::ssize(b);
        return std::pair(std::abs(m - length), m) < std::pair(std::abs(n - length), n);
    };
    return std::ssize(*std::min_element(references.begin(), references.end(), nearer));
}

void require_references(std::size_t candidates, std::span<std::vector<Symbols> const> references, Index most,
                        Where where) {
    auto const refuse = [&](std::string const& what) {
        throw ValueError(fmt::format("{}: bleu: {}", text(where), what));
    };
    if (candidates != references.size())
        refuse(fmt::format("there are {} candidates, but references of {}", candidates, references.size()));
    for (std::size_t i = 0; i < references.size(); ++i)
        if (references[i].empty()) refuse(fmt::format("candidate {} has no reference", i));
    if (most < 1) refuse(fmt::format("n-grams are of at most {} words, but must be of at least 1", most));
}

}  // namespace

double bleu(std::span<Symbols const> candidates, std::span<std::vector<Symbols> const> references, Index most,
            Where where) {
    require_references(candidates.size(), references, most, where);
    std::vector<Matches> of_length(static_cast<std::size_t>(most));
    Index written = 0, wanted = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        written += std::ssize(candidates[i]);
        wanted += nearest_length(std::ssize(candidates[i]), references[i]);
        for (Index n = 1; n <= most; ++n)
            add(of_length[static_cast<std::size_t>(n - 1)], n_grams(candidates[i], n), most_often(references[i], n));
    }
    double log = std::min(0.0, 1 - static_cast<double>(wanted) / static_cast<double>(written));
    for (auto const& [right, all] : of_length) {
        if (right == 0) return 0;
        log += std::log(static_cast<double>(right) / static_cast<double>(all)) / static_cast<double>(most);
    }
    return std::exp(log);
}

double bleu(std::span<Symbols const> candidates, std::span<Symbols const> references, Index most, Where where) {
    std::vector<std::vector<Symbols>> lists;
    for (Symbols const& r : references) lists.push_back({r});
    return bleu(candidates, lists, most, where);
}

}  // namespace unspool::core
