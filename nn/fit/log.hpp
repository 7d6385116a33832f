// The history as a file.
#pragma once
#include <unspool/autograd/system/growing_file.hpp>
#include <unspool/nn/fit/history.hpp>

namespace unspool::core {

/// A table of comma-separated values with a line for each epoch, which is in the file as soon as it is written.
class CsvLog {
public:
    /// Begins anew with the epochs that there were: what a resumed run repeats is not there twice.  FileError.
    CsvLog(std::string const&, History const&);

    void add(History const&);  ///< the last epoch.  FileError; the disk may be full

private:
    void write(std::string const& line);

    GrowingFile file_;
};

}  // namespace unspool::core
