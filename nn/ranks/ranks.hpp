// The processes that train one model together.  Nothing here knows how they talk to each other.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <unspool/autograd/array/where.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <vector>

namespace unspool::core {

class Checkpoint;

using Packet = std::vector<std::byte>;

/// The processes that train one model together, of which this is one.  All run the same program on the same data, each computes some
/// parts of every batch, and all have the same parameters at all times.  Made by `mpi::Ranks`, or by a class of one's own.
///
/// What goes wrong on one rank ends the run on all: the others get a RankError that says on which, and why. From then on
/// the ranks are of no use; a run continues from its checkpoint.
class Ranks {
public:
    virtual ~Ranks() = default;

    virtual Index rank() const  = 0;  ///< of this process, from 0
    virtual Index count() const = 0;  ///< of all of them

    /// Sends `to[r]` to each rank r, and returns when `from[r]` has come from each, of whatever size.  All ranks call it, equally often.
    /// RankError where one failed, ended, or was not heard of in time.
    virtual void exchange(std::span<std::span<std::byte const> const> to, std::span<Packet> from, Where) = 0;
    /// Tells the others that this rank has failed, and why: their exchange is a RankError that says so.
    virtual void fail(std::string_view why) noexcept = 0;

protected:
    Ranks()                        = default;
    Ranks(Ranks const&)            = delete;
    Ranks& operator=(Ranks const&) = delete;
};

/// Is this the process that writes files and prints?  Rank 0, and one that is alone.
inline bool leads(Ranks const* ranks) { return !ranks || ranks->rank() == 0; }

/// What `f` throws is thrown on all ranks: here as it is, elsewhere as a RankError.
template <class F> decltype(auto) failing_together(Ranks* ranks, F&& f) try {
    return f();
} catch (std::exception const& e) {
    if (ranks) ranks->fail(e.what());
    throw;
} catch (...) {
    if (ranks) ranks->fail("what it threw is no std::exception");
    throw;
}

/// What each rank has to say of `topic`: RankError where one has come to another.
std::vector<Packet> gather(Ranks&, std::string_view topic, std::span<std::byte const> mine, Where = Where::here());
/// The greatest of the numbers that the ranks have.
Index greatest(Ranks&, std::string_view topic, Index mine, Where = Where::here());

/// Gives all ranks what rank 0 has.  Twice the size goes through each network card, however many ranks there are.
Packet broadcast(Ranks&, std::string_view topic, std::span<std::byte const> of_rank_0, Where = Where::here());
/// The parameters of a model.  FileError where rank 0 has others, of other names, shapes or types.
void broadcast(Ranks&, Params const&, Where = Where::here());
/// All that belongs to a run, such as rank 0 restored it.  FileError where something else belongs to it there.
void broadcast(Ranks&, Checkpoint&, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::Ranks, core::broadcast;

}  // namespace unspool
