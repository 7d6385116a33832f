// All there is to know of a cell, on one page.
#pragma once
#include <concepts>
#include <string>
#include <unspool/nn/recurrence/erased_cell.hpp>

namespace unspool::core {

/// How a data sheet is made.
struct DatasheetOptions {
    std::string title = {};  ///< "": that of the file
    Index in          = 0;   ///< features of the input; 0: `cell.in()`, or the first size that the cell takes
    std::vector<Shape> inputs =
        {};  ///< of each input, without the batch, for a cell of several or of other arrays: `{{3}, {1}}`
    Index batch       = 1;   ///< sequences
    double time_limit = 20;  ///< in seconds, for the program dot
};

/// One recorded equation.
struct DatasheetRow {
    std::string name, formula;           ///< "c", "sigmoid(f) * c0 + sigmoid(i) * tanh(g)"
    std::string unicode, latex, mathml;  ///< the whole equation
    Where where;
    Shape shape;
    Index flops = 0, bytes = 0;  ///< to compute it; that its value takes
};

/// What there is to know of a cell, on one page.
struct Datasheet {
    /// A parameter that the step used.
    struct Parameter {
        std::string path;  ///< "Wf.weight"
        Shape shape;       ///< of its value
    };
    /// `dot` is the diagram, in the language of Graphviz.
    std::string title, dot;               ///< `dot`: the diagram, in the language of Graphviz
    std::vector<DatasheetRow> equations;  ///< in the order of recording
    std::vector<Parameter> parameters;    ///< those that the step used
    Index batch = 1;                      ///< sequences in the step

    Index parameter_count() const;  ///< of all together
    /// Of one forward step: see flops.hpp.
    Index flops() const;
    Index bytes_of_parameters() const;  ///< in float32
    Index bytes_kept() const;  ///< of the values on the tape, in float32: what the step adds to the memory of training

    std::string latex() const;  ///< an align* environment
    /// Parts of a page of HTML: tables.
    std::string equations_html() const;
    std::string parameters_html() const;
    std::string costs_html() const;
    std::string html(double for_dot) const;
};

Datasheet datasheet_of(ErasedCell const&, DatasheetOptions const&, Where);
/// The page as a file; `dot` has so many seconds.  FileError.
void save(Datasheet const&, std::string const&, double for_dot);
void write_page_of(ErasedCell const&, std::string const& path, DatasheetOptions const&, Where);

/// Records one step of the cell, from a random input and a state of the shapes of `cell.zeros(tape, batch)`.
/// ShapeError where it takes no input of up to 256 features: give `in`.
template <CellWithZeros C>
Datasheet datasheet(C const& cell, DatasheetOptions const& options = {}, Where where = Where::here()) {
    return datasheet_of(erased(cell, options.batch, where), options, where);
}

/// The same as a page of HTML that needs nothing else: diagram, equations in Unicode and LaTeX, parameters, flops and bytes.
///
///     datasheet(mgu, "mgu.html");
///
/// The file is there whole, or, after an error, as it was.  FileError if it cannot be written, or Graphviz's dot is missing or fails.
template <CellWithZeros C, std::convertible_to<std::string> Path>
void datasheet(C const& cell, Path const& path, DatasheetOptions const& options = {}, Where where = Where::here()) {
    write_page_of(erased(cell, options.batch, where), path, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::Datasheet, core::DatasheetOptions, core::datasheet, core::save;

}  // namespace unspool
