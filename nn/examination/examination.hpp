// Every instrument on one cell, and what they say on one page.
#pragma once
#include <unspool/nn/diagnostics/datasheet.hpp>
#include <unspool/nn/examination/agreement.hpp>
#include <unspool/nn/examination/dynamics.hpp>
#include <unspool/nn/examination/learning.hpp>
#include <unspool/nn/recurrence/gradcheck.hpp>
#include <utility>

namespace unspool::core {

/// What is looked at, and how far.
struct ExamineOptions {
    std::string title           = {};  ///< "": that of the file
    std::vector<Shape> inputs   = {};  ///< of each input, without the batch: `{{3}, {1}}`; none: what the cell takes
    std::function<void()> train = {};  ///< trains the cell: what goes on through time is looked at before and after
    /// As DynamicsOptions has them.
    Index steps = 100, exponents = 8;  ///< as DynamicsOptions has them
    double time_limit = 20;            ///< in seconds, for the program dot, and for the C compiler
    /// Of what is learnt, of outputs [steps,batch,…] and inputs: a loss for each sequence, [batch].  None: the squared distance to what the
    /// cell says with the numbers of each parameter in another order.
    SequenceLoss loss = {};
    /// What it is learnt on, [steps,batch,…] for each input; none: 32 sequences of noise, of 8 steps.
    std::vector<xt::xarray<double>> sequences = {};
};

/// A C file of the cell, in float32.
struct SizeInC {
    Index source, weights,
        memory;  ///< in bytes: of the file; of its constants, or in it; of one step's values and the state
};

/// What cannot be had for the cell is left out, with the reason.
struct Examination {
    std::string title;              ///< of the page
    Possible<std::string> picture;  ///< three steps, and one that stands for all: elements, data and script of a page
    Possible<Datasheet> sheet;      ///< equations, parameters, costs of a step
    std::vector<std::pair<int, Possible<GradReport>>> checks;  ///< orders 1 and 2
    std::vector<EngineError> engines;                          ///< how far engines are from one another
    std::vector<std::pair<std::string, Dynamics>>
        dynamics;  ///< "at initialisation"; "after training"; and what is put here
    std::vector<std::pair<std::string, Possible<Learning>>> learning;  ///< likewise
    Possible<double>
        time;             ///< forward and back, of 32 steps of 16 sequences, of the time that an LSTM of its size takes
    Possible<SizeInC> c;  ///< as a file of C
    Possible<std::string> onnx;  ///< as which operator it goes into a file

    std::string html() const;  ///< the page
};
/// The file is there whole, or, after an error, as it was.  FileError.
void save(Examination const&, std::string const& path);

Examination examination_of(ExaminedCell const&, Params const&, ExamineOptions const&, Where);
void write_examination(ExaminedCell const&, Params const&, std::string const& path, ExamineOptions const&, Where);

/// Looks at a cell in all ways that there are, with these parameters: those of others are constants.  For cells of up to some hundreds of
/// units; a second or two for a small one.
///
///     examine(mgu, params, "mgu.html", {.train = [&] { fit(…); }});
///
/// The page needs nothing else, and works offline.  What the cell cannot do, a C file for one that is told the step's number, say, is told
/// there in the words of the error.  What `train` throws is passed on.
template <CellWithZeros C>
requires Erasable<C> Examination examine(C const& cell, Params const& params, ExamineOptions const& options = {},
                                         Where where = Where::here()) {
    return examination_of(examined_cell(cell), params, options, where);
}
/// The same as a file.  FileError.
template <CellWithZeros C, std::convertible_to<std::string> Path>
requires Erasable<C>
void examine(C const& cell, Params const& params, Path const& path, ExamineOptions const& options = {},
             Where where = Where::here()) {
    write_examination(examined_cell(cell), params, path, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::Examination, core::examine, core::ExamineOptions, core::save;

}  // namespace unspool
