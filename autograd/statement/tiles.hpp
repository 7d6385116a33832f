// Statements whose last axes are short or odd: many rows at a time.  A tile is a number of steps along one axis with all of the axes
// behind it.  Where its rows are whole registers, the loop goes from row to row by itself; what it cannot read where it lies is gathered,
// and adjoints are scattered back.
#pragma once
#include <unspool/autograd/cpu/pattern.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <vector>

namespace unspool::core {

/// The first elements of operands and of their adjoints.
template <Real T> struct FirstElements {
    T const* x[max_streams];
    T* dx[max_streams];
    WriteMode fill[max_streams];
    bool shared[max_streams];  // with another, though not element for element
};

template <Real T> class Tiles {
public:
    Tiles(Statement const&, FirstElements<T> const&);
    /// Writes y, or adds what it is a reduction of to `sums`, if there are any.
    void forward(T* y, double* sums);
    /// Adds to the adjoints; y is null where it is a reduction.
    void reverse(T const* y, T const* g);

private:
    struct Buffers {
        std::vector<Pattern<T>> patterns;
        std::vector<T> memory;
    };
    static Buffers& buffers();  // kept, so that a loop does not allocate

    /// Of a leaf in a tile: all elements in one row; or rows where they lie; or a register for each row, of which it is one number.
    enum Way : std::uint8_t { gathered, by_rows, repeated };

    Pattern<T>& pattern_of(int leaf) { return patterns_[static_cast<std::size_t>(leaf) + 1]; }
    Way way_of(int leaf) const;
    void run(Loop<T>, Index size) const;
    void aim(Index const* offset, Index at, Index size, bool back);
    void aim_back(int leaf, Index first, Index size, bool in_place);
    void load(int leaf, T const* from, Index size);
    void put(int leaf, T* to, Index size);
    void give_back(Index const* offset, Index at, Index size);
    void give_back_sums();
    /// How many numbers of a leaf are staged for a tile.
    Index staged(int leaf, Index size) const { return way_[leaf] == repeated ? size / row_ * simd_width<T> : size; }

    Statement const& s_;
    FirstElements<T> const& o_;
    Index const capacity_, row_;         // the length of rows that are whole registers, where steps are rows; or 0
    std::vector<Pattern<T>>& patterns_;  // of the result, and of each leaf
    Streams<T> streams_;
    T *y_, *g_, *x_staged_[max_streams], *dx_staged_[max_streams];
    T const* x_[max_streams];
    T* dx_[max_streams];
    bool loaded_[max_streams] = {};  // already, of a leaf that is the same in all tiles
    T* sum_at_[max_streams]   = {};  // where the sum over all tiles goes, of a leaf that is the same in all
    bool returns_[max_streams];      // staged adjoints, of this tile alone
    Way way_[max_streams];
    Index step_[max_streams], skip_[max_streams];
    WriteMode fill_[max_streams];
};

}  // namespace unspool::core
