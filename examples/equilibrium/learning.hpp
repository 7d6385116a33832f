// What the implicit derivative is compared with, and what a cell with it learns.
#pragma once
#include "cell.hpp"

namespace equilibrium {

/// One sequence batch through the cell and through as many recorded iterations.
struct Comparison {
    Index iterations;  ///< of each step of the unrolled cell
    double largest,
        apart;  ///< of the gradients' elements, and how far these are from the unrolled ones, as a part of that
    Index nodes, nodes_unrolled;  ///< on the tape
    double bytes, bytes_unrolled;
};
Comparison compare(std::uint64_t seed, double tolerance, Index iterations);

/// Is this sign another than the last one?  The exclusive or in time, of Elman (1990).
struct Learned {
    double right;              ///< of signs that were not seen
    double forward, backward;  ///< iterations of a step, at the end
};
Learned learn(std::uint64_t seed, Index updates);

}  // namespace equilibrium
