// What came of each epoch.
#pragma once
#include <string>
#include <string_view>
#include <unspool/nn/files/fields.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

/// Why a training ended.
enum class Stop : std::uint8_t {
    finished,
    no_better,
    asked,
    interrupted
};  // all epochs; out of patience; by a callback; by Ctrl-C
std::string_view text(Stop);

/// A table with a row for each epoch: "loss", metrics, the same as "validation_…", "rate" and "seconds".
class History {
public:
    using Row = std::vector<std::pair<std::string, double>>;  ///< names and values, in order

    Index epochs() const;                        ///< so many rows
    std::vector<std::string> names() const;      ///< of columns, in the order in which they came
    bool contains(std::string_view name) const;  ///< is there such a column?
    /// One number for each epoch.  NameError if there are none of this name.
    std::vector<double> operator[](AskedName) const;
    double last(AskedName) const;                       ///< ValueError before the first epoch
    Row row(Index epoch, Where = Where::here()) const;  ///< from 0.  IndexError

    /// An epoch more.  ValueError if its names are others than those before, or hold a newline.
    void add(Row const&, Where = Where::here());

    void fields(Fields f) { f.add("names", names_), f.add("values", values_); }

    Stop stopped = Stop::finished;  ///< why it ended

private:
    std::size_t place(AskedName) const;  // among the names

    std::string names_;           // one a line
    std::vector<double> values_;  // row by row
};

}  // namespace unspool::core

namespace unspool {

using core::History;

}  // namespace unspool
