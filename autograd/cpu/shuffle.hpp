// Elements that change places within a few registers: each register is made of a few that lie side by side.
#pragma once
#include <cstdint>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace unspool::core {

template <Real T> class Shuffle {
public:
    /// Element j of the result is that at `places[j]` of what is given; none where that is `nowhere`.  False if some are too far
    /// from their neighbours.
    bool lay_out(std::vector<std::int32_t>& places);
    static constexpr std::int32_t nowhere = -INT32_MAX;

    /// The first n of the result; nothing from `end` on is read, nor before `first`.
    void assign(T* to, T const* from, Index n, Index first, Index end) const;
    /// Adds to what is there, or writes over it; four registers from any place on are read.
    void put(T* to, T const* from, Index n, bool adds) const;

private:
    template <Index registers> void assign_by(T* to, T const* from, Index n, Index first, Index end) const;
    template <Index registers> void put_by(T* to, T const* from, Index n, bool adds) const;

    using Lane = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    Index registers_;                 // that one is made of: 1, 2 or 4
    std::vector<std::int32_t> base_;  // of each register
    std::vector<Lane> lanes_, used_;  // of each element, from its base on; used: all bits, or none
};

}  // namespace unspool::core
