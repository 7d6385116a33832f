// A node in its user's words: what it computes, and where in the program, in the model, and in time.
#pragma once
#include <string>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

struct Site {
    NodeId node = no_node;  ///< its number on the tape; no_node where there is none
    std::string name;       ///< "c", or "%7" where it has none
    std::string op;         ///< "matmul"; of a statement, what it is at its outermost: "tanh", "+"
    std::string formula;    ///< "f * c0 + i * g"; "" of an input, a constant or a parameter
    Where where;            ///< the source line
    std::string module;     ///< "encoder.lstm"; "" outside of all
    Index step = -1;        ///< the time step; -1 outside of all
};

Site site_of(Tape const&, NodeId);
std::string text(Site const&);  ///< "c = f * c0 + i * g    lstm.cpp:23, in encoder.lstm, time step 37"

}  // namespace unspool::core

namespace unspool {

using core::Site;

}  // namespace unspool
