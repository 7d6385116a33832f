// One run of a program, in one of many ways.
#pragma once
#include <programs/session.hpp>

namespace programs {

struct Mode {
    char const* name;
    Mechanisms mechanisms = {};
    Index threads         = 1;
    Keep keep             = Keep::leaves;
    bool disturbed        = false;  // other things are done on the tape between the instructions

    bool recorded = false;  // gradients are those of gradient(), and not of backward()
    bool twice    = false;  // they are those of a weighed sum of the gradients that gradient() records
    bool rows = false;  // they are made of rows: those of backward() with these, and those of a batch of one sequence

    bool paused = false;  // nothing is recorded, and there are no gradients

    Index recompute_every = 0;  // of all scans

    std::string* source = nullptr;  // where to write what is done
};

/// What came out, in double.
struct Outcome {
    std::vector<xt::xarray<double>>
        arrays;  // every value, then the result, then its gradients by inputs and by parameters
    std::size_t values = 0;
    bool kinked        = false;

    double result() const { return xt::sum(arrays[values])(); }
};

/// On a tape, which is rewound first.
Outcome run(Program const&, Store&, Tape&, Mode const&);
/// On two tapes at once, an instruction on the one after an instruction on the other.
std::array<Outcome, 2> run_side_by_side(Program const&, Store&, Mode const&);

}  // namespace programs
