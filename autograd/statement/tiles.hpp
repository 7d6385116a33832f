// Statements whose last axes are short or odd: many rows at a time.  A tile is a number of steps along one axis with all of the axes
// behind it; what does not lie in memory as the loop wants it is gathered into a row, and adjoints are scattered back.
#pragma once
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

/// The tiles that suit a plan; none where rows are long enough by themselves.  A register holds `width` elements.
Tiling tiling_of(Plan const&, Index width);

template <Real T> class Tiles {
public:
    Tiles(Statement const&, FirstElements<T> const&);
    /// Writes y, or adds what it is a reduction of to `sums`.
    void forward(T* y, double* sums);
    /// Adds to the adjoints; y is null where it is a reduction.
    void reverse(T const* y, T const* g);

private:
    /// Where the elements of a tile lie, from its first, in one stream.
    struct Pattern {
        std::vector<std::int32_t> place;
        Index step;     // from tile to tile along the axis that is cut, for one step of that axis
        Index run;      // so many that follow each other are one element
        Index block;    // so many lie side by side
        bool straight;  // as the loop wants them
        bool same;      // in all tiles
        bool loaded;    // already, where it is the same
    };
    struct Buffers {
        std::vector<Pattern> patterns;
        std::vector<T> memory;
    };
    static Buffers& buffers();  // kept, so that a loop does not allocate

    void lay_out(Pattern&, int stream);
    template <class Body> void each_tile(Body body);
    void aim(Index const* offset, Index at, Index size, bool back);
    void gather(T* to, T const* from, Pattern const&, Index size) const;
    template <class To> void scatter(To* to, T const* from, Pattern const&, Index size, bool adds) const;
    void give_back(Index const* offset, Index at, Index size);
    void give_back_sums();

    Statement const& s_;
    FirstElements<T> const& o_;
    Index const capacity_;
    std::vector<Pattern>& patterns_;  // of the result, and of each leaf
    Streams<T> streams_;
    T *y_, *g_, *x_staged_[max_streams], *dx_staged_[max_streams];
    T const* x_[max_streams];
    T* dx_[max_streams];
    T* sum_at_[max_streams] = {};  // where the sum over all tiles goes, of a leaf that is the same in all
    Index step_[max_streams];
    WriteMode fill_[max_streams];
};

}  // namespace unspool::core
