// A folder for results.
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>

#include "folder.hpp"

namespace custom_cell {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(fs::path const& path, std::string const& why) {
    throw unspool::FileError(fmt::format("cannot write to {}: {}; name another folder with --out FOLDER",
                                         path.empty() ? "\"\"" : path.string(), why));
}

}  // namespace

Folder::Folder(fs::path path) : path_(std::move(path)) {
    std::error_code failed;
    fs::create_directories(path_, failed);
    if (failed) fail(path_, failed.message());
    if (!fs::is_directory(path_)) fail(path_, "it is not a folder");
    if (access(path_.c_str(), W_OK | X_OK) != 0) fail(path_, std::strerror(errno));
}

void Folder::write(std::string const& name, std::string const& contents) const {
    fs::path const part = path_ / (name + ".part");
    std::ofstream out(part, std::ios::binary);
    out << contents;
    out.close();
    std::error_code failed;
    if (out) fs::rename(part, path_ / name, failed);
    if (out && !failed) return;
    fs::remove(part, failed);
    fail(path_ / name, "the disk may be full");
}

}  // namespace custom_cell
