// Tables of comma-separated values.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>
#include <vector>
#include <xtensor/xtensor.hpp>

namespace unspool::core {

/// What a table looks like.
struct CsvOptions {
    char separator = ',';    ///< between cells
    Index skip     = 0;      ///< lines before the table
    bool header    = true;   ///< the first row names the columns; else they are called "1", "2" …
    char comment   = 0;      ///< lines that begin with this are left out, '#' say; 0: none are
    char decimal   = '.';    ///< of numbers: ',' in "2,6"
    bool ragged    = false;  ///< rows may be longer than the header, and have empty cells where they are shorter
    std::vector<std::string> missing   = {"", "NA", "NaN", "nan", "?"};  ///< cells without a number: NaN
    std::vector<double> missing_values = {};     ///< numbers that stand for none, −200 say: NaN as well
    bool complete                      = false;  ///< a cell without a number is an error
};

/// `Csv air = Csv::read("AirQualityUCI.csv", {.separator = ';', .decimal = ',', .missing_values = {-200}});`
///
/// A table as RFC 4180 has it: quotes around a cell that holds separators, newlines or (doubled) quotes; rows of equal length,
/// which end with a newline or a carriage return and a newline; a byte order mark is skipped, as are empty lines at the end.  A column
/// without a name is called by its number, from 1; those at the end that have neither a name nor any cell are none.
class Csv {
public:
    /// FileError, as `file:line:column: …`, columns counted in bytes from 1, for anything else than such a table, or where two
    /// columns have one name; what an option would mend is named.  ValueError where the separator is a quote, ends lines, or is the decimal
    /// point, or less than nothing is to be skipped.
    static Csv read(std::string const&, CsvOptions const& = {}, Where = Where::here());
    /// Of text that is there; `source` stands for the file's name in errors.
    static Csv parse(std::string_view text, CsvOptions const& = {}, std::string source = "csv", Where = Where::here());

    Index rows() const { return std::ssize(cells_); }                 ///< the header apart
    std::vector<std::string> const& names() const { return names_; }  ///< of the columns, from the first
    bool contains(std::string_view column) const;                     ///< is there a column of that name?
    /// The cells of a column, by its name, or else by its number from 1, or from −1 for the last.  NameError if there is none.
    std::vector<std::string> texts(std::string_view column, Where = Where::here()) const;
    /// The same as numbers, by the options' decimal point, whatever the locale; blanks around them do not matter, and what is too
    /// small for a double is 0.  FileError for a cell that is not a finite number, unless it is missing.
    std::vector<double> numbers(std::string_view column, Where = Where::here()) const;
    /// Several columns: [rows,columns].
    xt::xtensor<double, 2> array(std::vector<std::string> const& columns, Where = Where::here()) const;

private:
    struct Cell {
        std::string text;
        Index line = 0, column = 0;
    };
    class Parser;

    void name_columns(std::vector<Cell> const& header);
    void add_column(std::string name);
    void add(std::vector<Cell> row);
    void drop_empty_columns();
    std::size_t find(std::string_view column, Where) const;
    static Cell const& cell(std::vector<Cell> const& row, std::size_t column);
    double number(Cell const&) const;
    double missing(Cell const&) const;
    std::string guess(std::vector<Cell> const& row) const;
    [[noreturn]] static void fail(std::string const& source, Index line, Index column, std::string const& what);

    std::string source_;
    CsvOptions options_;
    std::vector<std::string> names_;
    std::vector<std::vector<Cell>> cells_;  // row by row
    std::size_t named_ = 0, unnamed_ = 0;   // columns of the header; those at the end that it does not name

    std::unordered_map<std::string, std::size_t> places_;  // of the columns, by name
};

/// A text as a cell of such a table: in quotes, where it needs them.
std::string csv_field(std::string const&);

}  // namespace unspool::core

namespace unspool {

using core::Csv, core::CsvOptions;

}  // namespace unspool
