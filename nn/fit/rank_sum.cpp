// Sums by blocks of elements: what is sent to whom, and added in which order.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/fit/rank_sum.hpp>
#include <unspool/nn/fit/shards.hpp>

namespace unspool::core {

namespace {

/// Elements behind a header lie as they must in memory.
constexpr std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }

/// Where each_pair_within() leaves something.
std::vector<bool> left_of(Division const& d) {
    std::vector<bool> out(static_cast<std::size_t>(d.parts), true);
    each_pair_within(d, [&](Index, Index other) { out[static_cast<std::size_t>(other)] = false; });
    return out;
}

void require_size(std::size_t size, std::size_t expected, Index rank) {
    if (size != expected)
        throw RankError(fmt::format("rank {} sent {} bytes of gradients where {} were expected: it has another model",
                                    rank, size, expected));
}

/// What is in the blocks.
void require_same_trained(Ranks& ranks, Params const& params, Where where) {
    auto const all = params.all();
    Packet mine;
    for (Param const* p : all) put(mine, p->trained());
    auto const of = gather(ranks, "which parameters are trained", mine, where);
    for (std::size_t r = 1; r < of.size(); ++r)
        for (std::size_t i = 0; i < all.size(); ++i)
            if (of[r].at(i) != of[0].at(i))
                throw RankError(fmt::format("{}: Shards: {} is trained on rank {} and fixed on rank {}: all ranks must "
                                            "train the same parameters",
                                            text(where), all[i]->path(), of[r][i] == std::byte{} ? 0 : r,
                                            of[r][i] == std::byte{} ? r : 0));
}

}  // namespace

/// A sum that a rank has of some parts: all that is known of it, and the elements of one block.
struct RankSum::Summand {
    bool there                        = false;
    double loss                       = 0;
    std::vector<std::uint32_t> params = {};  // those that it depends on, in the order of its gradients
    std::byte* block                  = nullptr;
};

RankSum::RankSum(Ranks& ranks, Params const& params, Where where)
    : ranks_(ranks), tape_(params.dtype()), to_(static_cast<std::size_t>(ranks.count())), from_(to_), sums_(to_) {
    broadcast(ranks, params, where);
    require_same_trained(ranks, params, where);
    for (Param const* p : params.all()) {
        if (!p->trained()) continue;
        by_serial_.emplace_back(p->serial(), params_.size());
        params_.push_back(p), places_.push_back(elements_);
        elements_ += p->count();
    }
    std::sort(by_serial_.begin(), by_serial_.end());
}

std::uint32_t RankSum::number(Param const& p, Where where) const {
    auto const at = std::lower_bound(by_serial_.begin(), by_serial_.end(), std::pair(p.serial(), 0u));
    if (at != by_serial_.end() && at->first == p.serial()) return at->second;
    throw ValueError(fmt::format("{}: Shards: the loss depends on {}, which is not among the parameters that the ranks "
                                 "share, or was made after these shards",
                                 text(where), p.path()));
}

std::size_t RankSum::bytes(Index elements) const { return static_cast<std::size_t>(elements) * size_of(tape_.dtype()); }

RankSum::Piece RankSum::piece(std::size_t param, Index r) const {
    Index const first = places_[param], begin = std::max(first, block(r)),
                end = std::min(first + params_[param]->count(), block(r + 1));
    return {begin - first, begin - block(r), std::max<Index>(end - begin, 0)};
}

LossAndGradients RankSum::operator()(Division const& d, std::span<LossAndGradients const* const> of, Where where) {
    send(d, of, where);
    return failing_together(&ranks_, [&] {
        auto all = received(d);
        each_pair_between(d, [&](Index k, Index other) {
            add(all[static_cast<std::size_t>(k)], all[static_cast<std::size_t>(other)]);
        });
        return spread(all[0], where);
    });
}

void RankSum::write_about(Packet& to, LossAndGradients const* x, Where where) const {
    std::vector<std::uint32_t> params;
    if (x) x->gradients.each_param([&](Param const& p) { params.push_back(number(p, where)); });
    put(to, x != nullptr), put(to, x ? x->loss : 0.0), put(to, params.size());
    put(to, std::as_bytes(std::span(params)));
}

void RankSum::read_about(Summand& s, PacketReader& from) const {
    s.there = from.take<bool>(), s.loss = from.take<double>();
    s.params.resize(std::min(from.take<std::size_t>(), params_.size()));
    for (std::uint32_t& p : s.params) p = from.take<std::uint32_t>();
}

/// Zeros where there is no gradient.
void RankSum::write_block(std::byte* to, Gradients const& gradients, Index r) const {
    for (std::size_t i = 0; i < params_.size(); ++i) {
        Piece const p = piece(i, r);
        if (p.size == 0 || !gradients.reached(*params_[i])) continue;
        auto const* const from = static_cast<std::byte const*>(gradients[*params_[i]].data());
        std::copy_n(from + bytes(p.of_param), bytes(p.size), to + bytes(p.of_block));
    }
}

void RankSum::send(Division const& d, std::span<LossAndGradients const* const> of, Where where) {
    auto const left = left_of(d);
    std::vector<LossAndGradients const*> mine;
    Packet about;
    for (Index k = d.begin(); k < d.end(); ++k)
        if (auto const i = static_cast<std::size_t>(k); left[i]) {
            write_about(about, of[i], where);
            if (of[i]) mine.push_back(of[i]);
        }
    std::vector<std::span<std::byte const>> spans;
    for (Index r = 0; r < ranks_.count(); ++r) {
        Packet& to              = to_[static_cast<std::size_t>(r)];
        std::size_t const block = bytes(this->block(r + 1) - this->block(r));
        to                      = about;
        to.resize(padded(to.size()) + mine.size() * block);
        for (std::size_t i = 0; i < mine.size(); ++i)
            write_block(to.data() + padded(about.size()) + i * block, mine[i]->gradients, r);
        spans.emplace_back(to);
    }
    ranks_.exchange(spans, from_, where);
}

std::vector<RankSum::Summand> RankSum::received(Division const& d) {
    auto const left = left_of(d);
    std::vector<Summand> out(left.size());
    std::size_t const block = bytes(this->block(d.rank + 1) - this->block(d.rank));
    for (Index r = 0; r < d.ranks; ++r) {
        Division const of{d.parts, d.ranks, r};
        Packet& from = from_[static_cast<std::size_t>(r)];
        PacketReader reader(from);
        for (Index k = of.begin(); k < of.end(); ++k)
            if (auto const i = static_cast<std::size_t>(k); left[i]) read_about(out[i], reader);
        std::size_t at = padded(from.size() - reader.rest().size());
        for (Index k = of.begin(); k < of.end(); ++k)
            if (Summand& s = out[static_cast<std::size_t>(k)]; s.there) s.block = from.data() + at, at += block;
        require_size(from.size(), at, r);
    }
    return out;
}

/// As `Gradients` are added.
void RankSum::add(Summand& to, Summand const& from) const {
    if (!from.there) return;
    if (!to.there) {
        to = from;
        return;
    }
    to.loss += from.loss;
    std::vector<bool> has(params_.size());
    for (std::uint32_t const p : to.params) has[p] = true;
    for (std::uint32_t const p : from.params) {
        if (!has[p]) to.params.push_back(p);
        dispatch(tape_.dtype(), [&, piece = piece(p, ranks_.rank())](auto t) {
            using T       = decltype(t);
            auto* const x = reinterpret_cast<T*>(to.block) + piece.of_block;
            std::transform(x, x + piece.size, reinterpret_cast<T const*>(from.block) + piece.of_block, x,
                           std::plus<T>());
        });
    }
}

LossAndGradients RankSum::spread(Summand const& sum, Where where) {
    Index const mine = block(ranks_.rank() + 1) - block(ranks_.rank());
    std::vector<std::span<std::byte const>> const spans(from_.size(), {sum.block, bytes(mine)});
    ranks_.exchange(spans, sums_, where);
    tape_.rewind();
    Gradients out = sweep(tape_.input(0.0), nullptr, Keep::leaves, where);  // of no parameter
    std::vector<Param const*> reached;
    for (std::uint32_t const p : sum.params) reached.push_back(params_[p]);
    out.reach(reached, where);
    for (Index r = 0; r < ranks_.count(); ++r) {
        Packet const& from = sums_[static_cast<std::size_t>(r)];
        require_size(from.size(), bytes(block(r + 1) - block(r)), r);
        for (std::uint32_t const p : sum.params)
            if (Piece const at = piece(p, r); at.size > 0)
                std::copy_n(from.data() + bytes(at.of_block), bytes(at.size),
                            static_cast<std::byte*>(out.mutable_data(*params_[p], tape_.dtype())) + bytes(at.of_param));
    }
    return {sum.loss, std::move(out)};
}

}  // namespace unspool::core
