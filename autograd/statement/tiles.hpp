// Statements whose last axes are short or odd: many rows at a time.  A tile is a number of steps along one axis with all of the axes
// behind it; what does not lie in memory as the loop wants it is gathered into a row, and adjoints are scattered back.
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

    Pattern<T>& pattern_of(int leaf) { return patterns_[static_cast<std::size_t>(leaf) + 1]; }
    void aim(Index const* offset, Index at, Index size, bool back);
    void give_back(Index const* offset, Index at, Index size);
    void give_back_sums();

    Statement const& s_;
    FirstElements<T> const& o_;
    Index const capacity_;
    std::vector<Pattern<T>>& patterns_;  // of the result, and of each leaf
    Streams<T> streams_;
    T *y_, *g_, *x_staged_[max_streams], *dx_staged_[max_streams];
    T const* x_[max_streams];
    T* dx_[max_streams];
    bool loaded_[max_streams] = {};  // already, of a leaf that is the same in all tiles
    T* sum_at_[max_streams]   = {};  // where the sum over all tiles goes, of a leaf that is the same in all
    Index step_[max_streams];
    WriteMode fill_[max_streams];
};

}  // namespace unspool::core
