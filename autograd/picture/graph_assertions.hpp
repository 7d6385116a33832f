// What tests ask of a graph.
#pragma once
#include <iosfwd>
#include <optional>
#include <string>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

class Params;

/// What a test of a graph finds: true, or false and why.
struct GraphAssertion {
    std::string why = {};                                   ///< empty if all is well
    explicit operator bool() const { return why.empty(); }  ///< does it hold?
};
std::ostream& operator<<(std::ostream&, GraphAssertion const&);

/// Of the longest loop.
std::vector<Index> nodes_per_step(std::vector<Var> const& results);
std::optional<Index> path_length(Var const& from, Var const& to);
GraphAssertion every_parameter_reached(std::vector<Var> const& results, Params const&);
GraphAssertion equals_golden(std::string const& dot, std::string const&);

}  // namespace unspool::core

namespace unspool {

using core::GraphAssertion;

}  // namespace unspool
