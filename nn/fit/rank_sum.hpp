// Sums over parts of a batch that several processes have computed.
#pragma once
#include <span>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/nn/ranks/division.hpp>
#include <unspool/nn/ranks/packet.hpp>

namespace unspool::core {

struct LossAndGradients;

/// Every rank adds up a block of the gradients: it is sent what the others have of it, each as far as it could add by itself, and sends
/// the sum to all.  So twice the size of the parameters goes out of a rank, and in, however many there are.
class RankSum {
public:
    /// Of these parameters, as they are now on rank 0: they are made the same everywhere.
    RankSum(Ranks&, Params const&, Where);

    Ranks& ranks() const { return ranks_; }
    Division division(Index parts) const { return {parts, ranks_.count(), ranks_.rank()}; }

    /// `of[k]` is what this rank found for part k, or, behind each_pair_within(), for those from k on: null where there is nothing. The sum
    /// of all parts of all ranks, on each.
    LossAndGradients operator()(Division const&, std::span<LossAndGradients const* const> of, Where);

private:
    struct Summand;
    /// A part of a parameter that is in the block of a rank.
    struct Piece {
        Index of_param, of_block, size;  // where it begins, and how many elements it has
    };
    Index block(Index r) const { return elements_ * r / ranks_.count(); }  // where that of rank r begins
    Piece piece(std::size_t param, Index r) const;
    std::size_t bytes(Index elements) const;
    std::uint32_t number(Param const&, Where) const;
    void write_about(Packet&, LossAndGradients const*, Where) const;
    void read_about(Summand&, PacketReader&) const;
    void write_block(std::byte* to, Gradients const&, Index r) const;
    void send(Division const&, std::span<LossAndGradients const* const> of, Where);
    std::vector<Summand> received(Division const&);
    void add(Summand& to, Summand const& from) const;
    LossAndGradients spread(Summand const&, Where);

    Ranks& ranks_;
    std::vector<Param const*> params_;  // all that are trained, in order
    std::vector<Index> places_;         // of their first elements
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_serial_;
    Index elements_ = 0;
    Tape tape_;
    std::vector<Packet> to_, from_, sums_;  // kept, so that there is memory for the next
};

}  // namespace unspool::core
