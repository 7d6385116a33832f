// A folder for results, in which a file is there whole or not at all.
#pragma once
#include <filesystem>
#include <functional>
#include <string>

namespace custom_cell {

class Folder {
public:
    /// Makes the folder where it is missing.  FileError if that fails, or if nothing can be written there.
    explicit Folder(std::filesystem::path);

    std::filesystem::path operator/(std::string const& name) const { return path_ / name; }
    /// Writes a file of this name: all of it, or, after a FileError, nothing.
    void write(std::string const& name, std::string const& contents) const;

private:
    std::filesystem::path path_;
};

}  // namespace custom_cell
