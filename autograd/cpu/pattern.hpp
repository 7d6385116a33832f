// Where the elements of a tile lie in one array, and how they get from there into one row, and back.
#pragma once
#include <unspool/autograd/cpu/runs.hpp>
#include <unspool/autograd/cpu/tiling.hpp>

namespace unspool::core {

/// All of a tile in one array.
template <Real T> class Pattern {
public:
    void lay_out(Plan const&, Tiling const&, int stream);

    bool straight() const { return straight_; }  ///< as the row itself
    bool same() const { return same_; }          ///< in all tiles
    Index step() const { return step_; }         ///< from tile to tile, for one step of the axis that is cut

    /// Needs room for `margin` behind the row, which is filled up to whole registers.
    void gather(T* row, T const* from, Index size);
    /// Sums over what repeats, and then writes or adds; reads a `margin` behind the row.
    template <class To> void scatter(To* to, T const* row, Index size, bool adds);

private:
    Runs<T>& all();
    Runs<T>& once();
    Index fold(T* to, T const* row, Index size) const;

    TileAxis axes_[Dims::max_rank];
    std::size_t rank_;
    bool straight_, same_, repeats_;
    Index step_;
    Runs<T>*all_, *once_;  // once: without what repeats; null until they are asked for
};

}  // namespace unspool::core
