// Other programs: dot, rsvg-convert.
#pragma once
#include <string>
#include <vector>

namespace unspool::core {

/// What became of a program.
struct ChildProcess {
    enum End { exited, not_found, not_started, stopped };  ///< stopped: it took too long
    End end;
    int status;          ///< of one that exited: 0 is success
    std::string out;     ///< what it wrote
    std::string errors;  ///< what it complained of; of one that was not started, why
};

/// Runs a program of PATH, without a shell, on this input, and for so long at most.  Input and output are files without a name,
/// not pipes, which could be full.  FileError where there is no room for them.
ChildProcess run_program(std::string const& name, std::vector<std::string> const& arguments, std::string const& input,
                         double seconds);

}  // namespace unspool::core
