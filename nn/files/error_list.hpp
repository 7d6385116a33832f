// All that is wrong with a file that is read into an object, for one error.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace unspool::core {

class ErrorList {
public:
    /// "encoder.weight_hh_l0" "is [2,3] in the file, expected [4,3]"
    void add(std::string_view name, std::string_view what);
    /// That something is not in the file is said last, since there may be much of it: "encoder.weight_hh_l0" "is not in the file".
    void add_absent(std::string_view name, std::string_view what = "is not in the file");
    /// FileError that lists them, if there are any.
    void raise(std::string_view file) const;

private:
    void add(std::vector<std::string>& to, std::string_view name, std::string_view what);

    std::vector<std::string> wrong_, absent_;
    std::size_t count_ = 0;
};

}  // namespace unspool::core
