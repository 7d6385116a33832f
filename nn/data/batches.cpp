// The checks of data sets, and the wording of their errors.
#include <cmath>
#include <fmt/format.h>
#include <unspool/nn/data/batches.hpp>

namespace unspool::core {

OrderOptions order_of(BatchOptions const& o) {
    return {.size = o.size, .seed = o.seed, .shuffle = o.shuffle, .bucket = o.bucket, .drop_last = o.drop_last};
}

BatchOptions each_once(BatchOptions o) {
    o.shuffle = o.drop_last = false;
    return o;
}

void add(Fingerprint& to, BatchOptions const& o) {
    for (Index x : {o.size, o.bucket, o.padding, o.ignored, Index{o.shuffle}, Index{o.drop_last}, Index{o.batch_first}})
        to.add(x);
}

std::string text(Fingerprint const& f, Index sequences) {
    return fmt::format("{} sequences, checksum {:016x}", sequences, f.value());
}

void require_targets(Index inputs, Index targets, Where where) {
    if (inputs != targets)
        throw ShapeError(fmt::format("{}: batches: there are {} inputs, but {} targets", text(where), inputs, targets));
}

void require_steps(char const* what, std::size_t sequence, Index steps, Where where) {
    if (steps == 0) throw ValueError(fmt::format("{}: batches: {} {} has no steps", text(where), what, sequence));
}

void require_aligned(std::size_t sequence, Index inputs, Index targets, Where where) {
    if (inputs != targets)
        throw ShapeError(
            fmt::format("{}: batches: target {} has {} steps, but its input {} (they may differ with aligned = false)",
                        text(where), sequence, targets, inputs));
}

namespace {

template <Real T> void require_finite(char const* what, std::size_t sequence, Features<T> const& x, Where where) {
    for (std::size_t t = 0; t < x.shape(0); ++t)
        for (std::size_t f = 0; f < x.shape(1); ++f)
            if (!std::isfinite(x(t, f)))
                throw ValueError(
                    fmt::format("{}: batches: {} {} is {} at step {}, feature {} (allowed with nan = true)",
                                text(where), what, sequence, x(t, f), t, f));
}

}  // namespace

template <Real T>
void require_fine(char const* what, std::vector<Features<T>> const& all, BatchOptions const& options, Where where) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        require_steps(what, i, length_of(all[i]), where);
        if (all[i].shape(1) != all[0].shape(1))
            throw ShapeError(fmt::format("{}: batches: {} {} has {} features, but {} 0 has {}", text(where), what, i,
                                         all[i].shape(1), what, all[0].shape(1)));
        if (!options.nan) require_finite(what, i, all[i], where);
    }
}
template void require_fine(char const*, std::vector<Features<float>> const&, BatchOptions const&, Where);
template void require_fine(char const*, std::vector<Features<double>> const&, BatchOptions const&, Where);

template <Real T>
void require_fine(char const* what, std::vector<Outcomes<T>> const& all, BatchOptions const& options, Where where) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].size() != all[0].size())
            throw ShapeError(fmt::format("{}: batches: {} {} is of {} numbers, but {} 0 of {}", text(where), what, i,
                                         all[i].size(), what, all[0].size()));
        for (std::size_t k = 0; k < all[i].size() && !options.nan; ++k)
            if (!std::isfinite(all[i](k)))
                throw ValueError(fmt::format("{}: batches: {} {} is {} at place {} (allowed with nan = true)",
                                             text(where), what, i, all[i](k), k));
    }
}
template void require_fine(char const*, std::vector<Outcomes<float>> const&, BatchOptions const&, Where);
template void require_fine(char const*, std::vector<Outcomes<double>> const&, BatchOptions const&, Where);

void require_fine(char const* what, std::vector<Symbols> const& all, BatchOptions const&, Where where) {
    for (std::size_t i = 0; i < all.size(); ++i) require_steps(what, i, length_of(all[i]), where);
}

}  // namespace unspool::core
