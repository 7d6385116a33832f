// How near all engines are to one another, on the same steps of one cell.
#pragma once
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/examination/examined_cell.hpp>
#include <unspool/nn/examination/possible.hpp>

namespace unspool::core {

struct AgreementOptions {
    std::vector<Shape> inputs = {};  ///< of each input, without the batch; none: what the cell takes
    Index steps               = 6;
    std::uint64_t seed        = 1;    ///< of the inputs, and of what the outputs should be
    double most               = 4e6;  ///< numbers that Rtrl may carry: of each feature of the state, one a parameter
    double time_limit         = 20;   ///< in seconds, for the C compiler and for what it makes
};

/// Of one engine, the greatest difference in a gradient or output from `backward` through all steps, of the greatest element.
struct EngineError {
    std::string engine;      ///< as Markdown: "`Rtrl`"
    Possible<double> error;  ///< or why the cell cannot go there
};

/// Some steps in double, one after the other on a tape, from numbers that are drawn; and the same by
/// - `Rtrl`, the gradients of the losses of all steps;
/// - `gradient`, which records them;
/// - `jvp`, the derivative of the last output along a random direction of the parameters;
/// - a scan that keeps the state after every second step, and computes the others again;
/// - `nn::Stream`, the outputs;
/// - the C file, compiled by the system's compiler, the outputs.
/// Parameters outside of `params` are constants.
std::vector<EngineError> agreement(ExaminedCell const&, Params const&, AgreementOptions const& = {},
                                   Where = Where::here());

}  // namespace unspool::core
