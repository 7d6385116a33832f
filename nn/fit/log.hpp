// The history as a file.
#pragma once
#include <cstdio>
#include <memory>
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

    std::string path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace unspool::core
