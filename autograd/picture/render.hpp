// The program dot, and the files that pictures are written to.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>

namespace unspool::core {

/// Runs the program dot.  `format` is one that it knows: "svg".
void render(std::string const& dot, std::filesystem::path const& to, std::string const& format,
            std::chrono::milliseconds limit);

/// The bytes of a picture, or what kept dot from drawing it.
struct Rendered {
    std::string picture;
    std::string complaint;  // empty if all is well
};
Rendered rendered(std::string const& dot, std::string const& format, std::chrono::milliseconds limit);

/// Writes a file under another name, then renames it.  FileError.
void write_file(std::string const& content, std::filesystem::path const& to);

}  // namespace unspool::core
