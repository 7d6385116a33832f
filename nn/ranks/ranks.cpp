// What ranks do together, made of exchanges.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/checkpoint.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/ranks/packet.hpp>
#include <unspool/nn/ranks/ranks.hpp>

namespace unspool::core {

namespace {

/// The same message to everyone.
std::vector<Packet> exchanged(Ranks& ranks, std::span<std::byte const> mine, Where where) {
    auto const n = static_cast<std::size_t>(ranks.count());
    std::vector<Packet> from(n);
    std::vector<std::span<std::byte const>> const to(n, mine);
    ranks.exchange(to, from, where);
    return from;
}

void require_topic(Ranks& ranks, std::size_t of, std::string_view theirs, std::string_view mine, Where where) {
    if (theirs == mine) return;
    throw RankError(fmt::format("{}: rank {} has come to {}, and rank {} to {}: all ranks must do the same",
                                text(where), of, shown(theirs), ranks.rank(), shown(mine)));
}

/// Piece k of n, of so many bytes.
std::size_t begin_of(std::size_t k, std::size_t n, std::size_t bytes) { return bytes * k / n; }

}  // namespace

std::vector<Packet> gather(Ranks& ranks, std::string_view topic, std::span<std::byte const> mine, Where where) {
    Packet all;
    put(all, topic);
    put(all, mine);
    auto from = exchanged(ranks, all, where);
    return failing_together(&ranks, [&] {
        for (std::size_t r = 0; r < from.size(); ++r) {
            PacketReader reader(from[r]);
            require_topic(ranks, r, reader.text(), topic, where);
            from[r].erase(from[r].begin(), from[r].end() - static_cast<std::ptrdiff_t>(reader.rest().size()));
        }
        return std::move(from);
    });
}

Index greatest(Ranks& ranks, std::string_view topic, Index mine, Where where) {
    for (Packet const& m : gather(ranks, topic, std::as_bytes(std::span(&mine, 1)), where))
        mine = std::max(mine, PacketReader(m).take<Index>());
    return mine;
}

Packet broadcast(Ranks& ranks, std::string_view topic, std::span<std::byte const> of_rank_0, Where where) {
    std::size_t const size = ranks.rank() == 0 ? of_rank_0.size() : 0;
    auto const sizes       = gather(ranks, topic, std::as_bytes(std::span(&size, 1)), where);
    std::size_t const n = PacketReader(sizes[0]).take<std::size_t>(), all = sizes.size();
    std::vector<std::span<std::byte const>> pieces(all);
    for (std::size_t r = 0; r < all && ranks.rank() == 0; ++r)
        pieces[r] = of_rank_0.subspan(begin_of(r, all, n), begin_of(r + 1, all, n) - begin_of(r, all, n));
    std::vector<Packet> from(all);
    ranks.exchange(pieces, from, where);
    Packet const mine = std::move(from[0]);
    Packet out;
    for (Packet const& piece : exchanged(ranks, mine, where)) put(out, piece);
    return out;
}

void broadcast(Ranks& ranks, Params const& params, Where where) {
    Checkpoint run;
    if (!params.all().empty()) run.add("parameters", params);  // shards may be made before their model
    broadcast(ranks, run, where);
}

void broadcast(Ranks& ranks, Checkpoint& run, Where where) {
    Packet const mine = failing_together(&ranks, [&] { return ranks.rank() == 0 ? run.bytes() : Packet{}; });
    Packet const all  = broadcast(ranks, "what rank 0 has of the run", mine, where);
    if (ranks.rank() != 0)
        failing_together(&ranks, [&] { run.load(Safetensors(all, fmt::format("what rank 0 has ({})", text(where)))); });
}

}  // namespace unspool::core
