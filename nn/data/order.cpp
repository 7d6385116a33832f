// Which examples form which batch.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/order.hpp>

namespace unspool::core {

namespace {

Index checked_batches(Index examples, OrderOptions const& o, Where where) {
    auto const fail = [&](std::string const& what) {
        throw ValueError(fmt::format("{}: batches: {}", text(where), what));
    };
    if (o.size < 1) fail(fmt::format("size is {}, but must be at least 1", o.size));
    if (o.bucket < 0 || o.bucket > Fields::most / o.size)
        fail(fmt::format("bucket is {}, but must be a number of batches", o.bucket));
    if (examples == 0) fail("there are no examples");
    if (o.drop_last && examples < o.size)
        fail(fmt::format("{} example{} make no batch of {}, and drop_last leaves out smaller ones", examples,
                         examples == 1 ? "" : "s", o.size));
    return examples / o.size + (!o.drop_last && examples % o.size != 0 ? 1 : 0);
}

}  // namespace

BatchOrder::BatchOrder(std::vector<Index> lengths, OrderOptions const& options, Where where)
    : lengths_(std::move(lengths))
    , options_(options)
    , batches_(checked_batches(examples(), options, where))
    , examples_(examples()) {}

std::span<Index const> BatchOrder::next() {
    auto const out = current();
    advance();
    return out;
}

void BatchOrder::advance() {
    if (next_++ == batches_) ++epoch_, next_ = 0;
}

std::span<Index const> BatchOrder::current() {
    if (next_ == batches_) return {};
    if (ordered_epoch_ != epoch_ || ordered_seed_ != options_.seed) {
        order_         = order();
        ordered_epoch_ = epoch_, ordered_seed_ = options_.seed;
    }
    Index const begin = next_ * options_.size, end = std::min(begin + options_.size, static_cast<Index>(order_.size()));
    return std::span(order_).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

std::vector<Index> BatchOrder::order() const {
    Random random = round_of(options_.seed, static_cast<std::uint64_t>(epoch_));
    std::vector<Index> out(lengths_.size());
    std::iota(out.begin(), out.end(), Index{0});
    if (options_.shuffle) shuffle<Index>(out, random);
    if (options_.drop_last) out.resize(static_cast<std::size_t>(batches_ * options_.size));
    if (options_.bucket > 0) bucketed(out, random);
    return out;
}

// Examples of one length keep the random order that they come in.
void BatchOrder::bucketed(std::vector<Index>& order, Random& random) const {
    auto const length = [&](Index i) { return lengths_[static_cast<std::size_t>(i)]; };
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return length(a) < length(b); });
    if (!options_.shuffle) return;
    auto const most = static_cast<std::size_t>(options_.bucket * options_.size);
    for (std::size_t begin = 0; begin < order.size(); begin += most)
        shuffle(std::span(order).subspan(begin, std::min(most, order.size() - begin)), random);
    shuffle_batches(order, random);
}

// A smaller batch stays the last: batch k begins at k · size.
void BatchOrder::shuffle_batches(std::vector<Index>& order, Random& random) const {
    auto const size   = static_cast<std::size_t>(options_.size);
    Index const whole = static_cast<Index>(order.size() / size);
    std::vector<Index> out;
    for (Index k : permutation(whole, random)) {
        auto const begin = order.begin() + k * options_.size;
        out.insert(out.end(), begin, begin + options_.size);
    }
    std::copy(out.begin(), out.end(), order.begin());
}

void BatchOrder::fields(Fields f) {
    f.add("seed", options_.seed);
    f.add("examples", examples_, examples_, examples_);
    f.add("size", options_.size, options_.size, options_.size);
    f.add("bucket", options_.bucket, options_.bucket, options_.bucket);
    f.add("epoch", epoch_);
    f.add("batch", next_, 0, batches_);
}

}  // namespace unspool::core
