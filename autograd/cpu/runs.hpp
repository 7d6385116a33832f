// Elements of an array that follow each other in a row, and how they get there and back.
#pragma once
#include <span>
#include <unspool/autograd/cpu/shuffle.hpp>

namespace unspool::core {

/// What is read and written behind the elements of a row: as many as four registers of any processor hold.
template <Real T> inline constexpr Index margin = 256 / static_cast<Index>(sizeof(T));

/// An axis of a tile in one array.
struct TileAxis {
    Index n, stride;
    friend bool operator==(TileAxis const&, TileAxis const&) = default;
};

/// Runs of elements that follow each other in a row, and where each begins in memory.
template <Real T> class Runs {
public:
    void lay_out(std::span<TileAxis const>);  // outermost first, of which a tile may have fewer elements
    void gather(T* row, T const* from, Index size) const;
    template <class To> void scatter(To* to, T const* row, Index size, bool adds);

private:
    /// A run's elements lie side by side; or are one; or lie backwards; or are every second; or a run is a matrix whose columns lie
    /// side by side.  Or runs are short, and all that go to a register are near each other.
    enum Kind : std::uint8_t { block, repeated, reversed, stepped, turned, shuffled };

    struct Reach {
        Index first, last;  // [first, last) can be read
    };
    Reach reach_of(Index size) const;
    bool try_shuffle(std::span<TileAxis const>);
    Index length(Index size) const { return alone_ ? size : n_; }
    void gather_blocks(T* row, T const* from, Index size, Index last) const;
    void gather_reversed(T* row, T const* from, Index size, Index first) const;
    void gather_stepped(T* row, T const* from, Index size, Index last) const;
    void gather_turned(T* row, T const* from, Index size, Index last) const;
    void gather_matrix(T* row, T const* from, Index columns, Index most) const;
    template <Index n> void gather_squares(T* row, T const* from, Index columns) const;
    template <int rows> void gather_flat(T* row, T const* from, Index columns) const;
    bool put_shuffled(T* to, T const* row, Index size, bool adds);
    template <class To>
    Index scatter_registers(To* to, Index place, T const* row, Index n, bool adds, Index last) const;
    template <class To> void scatter_turned(To* to, T const* row, Index size, bool adds) const;
    template <Index n> void scatter_squares(T* to, T const* row, Index columns, bool adds) const;

    Kind kind_;
    bool alone_;      // one run is all
    Index n_, rows_;  // of a run; of its matrix
    Reach whole_;
    Index total_;            // elements
    Index step_, per_step_;  // along the axis of which a tile may have less: of memory, and of elements
    std::vector<std::int32_t> places_, in_run_;  // of each run; of each element of a column
    Shuffle<T> shuffle_, back_;
    enum { unknown, yes, no } goes_back_;
};

}  // namespace unspool::core
