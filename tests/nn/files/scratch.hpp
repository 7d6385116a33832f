// A folder for a test's files, and files made of bytes.
#pragma once
#include <boost/filesystem.hpp>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nn/cells.hpp>

namespace files {

using namespace unspool;
using namespace unspool::core;
using cells::has, cells::message, cells::numbers;
namespace fs = std::filesystem;

/// Removed with all that is in it.
struct TemporaryFolder {
    fs::path folder =
        (boost::filesystem::temp_directory_path() / boost::filesystem::unique_path("unspool-%%%%%%%%")).string();

    TemporaryFolder() { fs::create_directory(folder); }
    TemporaryFolder(TemporaryFolder const&) = delete;
    ~TemporaryFolder() { fs::remove_all(folder); }
    fs::path operator/(std::string const& name) const { return folder / name; }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (auto& e : fs::directory_iterator(folder)) out.push_back(e.path().filename().string());
        std::sort(out.begin(), out.end());
        return out;
    }
};

inline std::string contents(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline void write(fs::path const& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A safetensors file of this header, with its right length or another.
inline std::string raw(std::string const& header, std::string const& buffer = "", std::uint64_t length = ~0ull) {
    if (length == ~0ull) length = header.size();
    std::string out(8, '\0');
    std::memcpy(out.data(), &length, 8);
    return out + header + buffer;
}
inline Safetensors in_memory(std::string const& bytes) { return Safetensors(std::as_bytes(std::span(bytes)), "file"); }

/// What is wrong with these bytes, or "fine".
inline std::string complaint(std::string const& bytes) {
    try {
        in_memory(bytes);
    } catch (FileError const& e) { return e.what(); }
    return "fine";
}

/// A parameter's elements, in double.
inline xt::xarray<double> value(Param const& p) {
    return dispatch(p.dtype(), [&](auto t) { return xt::xarray<double>(p.value<decltype(t)>()); });
}
inline bool same_values(Param const& a, Param const& b) { return value(a) == value(b); }
/// All elements of all parameters.
inline std::vector<xt::xarray<double>> values(Params const& p) {
    std::vector<xt::xarray<double>> out;
    for (Param* q : p.all()) out.push_back(value(*q));
    return out;
}

}  // namespace files
