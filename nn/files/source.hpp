// Where bytes are read from: a regular file, or memory.  It knows nothing of what the bytes mean.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace unspool {

/// Bytes that are read piece by piece, wherever they are.  A file is not mapped into memory: if somebody cut it meanwhile,
/// reading a mapping would kill the program, where this throws.
class Source {
public:
    /// Opens a file.  FileError if that fails, or if it is not a regular file (a folder, a device, a pipe).
    explicit Source(std::filesystem::path const&);
    /// Bytes in memory, which outlive the object; `name` is what errors call them.
    Source(std::span<std::byte const>, std::string name);
    Source(Source&&) noexcept;
    Source& operator=(Source&&) = delete;
    ~Source();

    std::string const& name() const { return name_; }
    std::uint64_t      size() const { return size_; }  ///< in bytes

    /// Fills `to` with the bytes from place `from`.  FileError if there are no longer as many.
    void read(std::uint64_t from, std::span<std::byte> to) const;

private:
    void read_file(std::uint64_t from, std::span<std::byte> to) const;

    std::string      name_;
    std::uint64_t    size_   = 0;
    std::byte const* memory_ = nullptr;
    int              file_   = -1;  // a descriptor, where there is a file
};

}  // namespace unspool
