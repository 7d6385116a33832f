// All that is wrong with a file that is read into an object, for one error.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace unspool::core {

class ErrorList {
public:
    /// "encoder.weight_hh_l0" "is not in the file"
    void add(std::string_view name, std::string_view what);
    /// FileError that lists them, if there are any.
    void raise(std::string_view file) const;

private:
    std::vector<std::string> lines_;
    std::size_t count_ = 0;
};

}  // namespace unspool::core
