// What loops begin with, and what lies outside of them.
#pragma once
#include <unspool/autograd/picture/naming.hpp>
#include <unspool/autograd/picture/subgraph.hpp>
#include <vector>

namespace unspool::core {

/// What step 0 takes where the step that stands for it takes what the last one left.
struct Start {
    Window const *w, *shown;
    int owner;
};

/// Of loops that are rolled up.
std::vector<Start> starts_of(Subgraph const&, Naming const&);
/// Of each vertex, if it is a leaf: is it used where it can be drawn itself, or only inside of steps, which repeat it?
std::vector<bool> drawn_outside(Subgraph const&, std::vector<Start> const&);

}  // namespace unspool::core
