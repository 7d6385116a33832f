// How clusters stand on each other where time goes from left to right.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// The rows of each cluster, from below: the steps of a loop are one row, any other cluster is one by itself.
class ClusterRows {
public:
    explicit ClusterRows(Diagram const&);

    int operator[](int cluster) const;  ///< its row among those in the same one
    /// The row in which a box stands, as seen from a cluster around it; -1 if it is not inside of one of its rows.
    int of(int box, int cluster) const;

private:
    Diagram const& d_;
    std::vector<int> row_;
};

/// Says which clusters' rows are turned, so that dot will set them in their order, as far as can be foreseen, and which links for their
/// sake.
void turn_rows(Diagram&);
/// Turns all rows, or none.
void turn_rows(Diagram&, bool turned);

}  // namespace unspool::core
