// mpi::Ranks: processes that mpirun started.
#pragma once
#include <memory>
#include <unspool/nn/ranks/ranks.hpp>

namespace unspool::mpi {

struct Options {
    double seconds = 300;  ///< so long the others are waited for: more than rank 0 takes to write a checkpoint
};

/// The processes of a program that mpirun, or another launcher of MPI, started: one alone without.
///
///     mpi::Ranks ranks;
///     fit(params, adam, batches, loss, {.ranks = &ranks});
///
/// A program has one at a time, made before anything that it is for.  It calls MPI_Init and MPI_Finalize where the program does not itself, which may call MPI_Finalize before this ends.  It
/// is used by one thread at a time.  What a rank throws that ends its mpi::Ranks is told to the others.  After an error MPI is not
/// finalised, since that could wait for ever: a program that then ends with a status other than 0 is ended everywhere by its launcher.
class Ranks : public core::Ranks {
public:
    /// RankError where MPI was finalised before, or knows of one thread only; ValueError unless seconds is positive.
    explicit Ranks(Options = {}, core::Where = core::Where::here());
    ~Ranks() override;

    Index rank() const override;   ///< of this process, from 0
    Index count() const override;  ///< processes
    /// As core::Ranks has it.  RankError after so many seconds without a message, and where MPI reports an error.
    void exchange(std::span<std::span<std::byte const> const> to, std::span<core::Packet> from, core::Where) override;
    void fail(std::string_view why) noexcept override;  ///< tells the others why; never throws

private:
    class Post;
    std::unique_ptr<Post> post_;
    int exceptions_;  // under way when this was made
};

}  // namespace unspool::mpi
