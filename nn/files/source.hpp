// Where bytes are read from: a regular file, or memory.  It knows nothing of what the bytes mean.
#pragma once
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unspool::core {

/// Bytes that are read piece by piece, wherever they are.  A file is not mapped into memory: if somebody cut it meanwhile,
/// reading a mapping would kill the program, where this throws.
class Source {
public:
    /// Opens a file.  FileError if that fails, or if it is not a regular file (a folder, a device, a pipe).  What claims to be
    /// empty, as files of /proc do, is read at once, to its end; FileError for more than 64 MB of it.
    explicit Source(std::string const&);
    /// Bytes in memory, which outlive the object; `name` is what errors call them.
    Source(std::span<std::byte const>, std::string name);
    Source(Source&&) noexcept;
    Source& operator=(Source&&) = delete;
    ~Source();

    std::string const& name() const { return name_; }
    std::uint64_t size() const { return size_; }  ///< in bytes

    /// Fills `to` with the bytes from place `from`.  FileError if the file is no longer what was opened: changed in place, cut,
    /// or grown.  One that was deleted or replaced under its name is what it was.
    void read(std::uint64_t from, std::span<std::byte> to) const;
    /// All bytes to the end, wherever that is now.
    std::string all() const;
    /// FileError if the file was deleted, or another one has its name.
    void require_still_there() const;

private:
    std::size_t read_some(std::uint64_t from, std::span<std::byte> to) const;
    void read_at_once();
    void read_file(std::uint64_t from, std::span<std::byte> to) const;
    void require_unchanged() const;
    [[noreturn]] void fail(std::string_view why) const;

    std::string name_;
    std::uint64_t size_      = 0;
    std::byte const* memory_ = nullptr;
    int file_                = -1;         // a descriptor, where there is a file
    std::vector<std::byte> read_at_once_;  // what it claimed not to have
    std::timespec changed_{};              // when it was written last, as it was opened
    std::uint64_t names_ = 0;              // that it had then
};

/// All bytes of a file.  FileError as of Source.
std::string read_whole(std::string const&);

}  // namespace unspool::core

namespace unspool {

using core::read_whole;

}  // namespace unspool
