// Reads and resets what Linux counts.
#include "memory.hpp"

#include <fstream>
#include <malloc.h>
#include <string>

namespace bench {

namespace {

/// A line of /proc/self/status, in bytes.
double status(std::string const& key) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key)) return 1024 * std::stod(line.substr(key.size()));
    return 0;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

}  // namespace

double peak_growth(std::function<void()> const& work) {
    malloc_trim(0);  // so that memory which is merely kept does not hide what is needed
    reset_peak();
    double const before = status("VmRSS:");
    work();
    return status("VmHWM:") - before;
}

}  // namespace bench
