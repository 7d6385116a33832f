// Writing a file whole or not at all.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unspool::core {

/// A file that is there whole, and under its name, only after commit().  Until then it is called `<name>.part`, in the same
/// folder; commit() writes it to the disk, renames it, and writes the folder to the disk.  Whenever the program or the
/// machine stops, the name stands for all of the old file or all of the new one.
///
/// At most one `.part` is left behind by a program that was killed; the next AtomicFile of that name removes it.  While a
/// program writes, its `.part` is locked, and another one gets a FileError.
///
/// A new file has the permissions that umask leaves; one that exists keeps its own.  A symbolic link stays one: what it
/// points to is written.
class AtomicFile {
public:
    /// FileError if nothing can be written there, or something else than a regular file has that name.
    explicit AtomicFile(std::filesystem::path const&);
    AtomicFile(AtomicFile const&)            = delete;
    AtomicFile& operator=(AtomicFile const&) = delete;
    ~AtomicFile();  ///< without commit(), all is as it was

    /// FileError if it fails; the disk may be full.
    void write(std::span<std::byte const>);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    /// FileError if it fails.  No write() may follow.
    void commit();

private:
    void flush();
    void write_now(std::span<std::byte const>);
    [[noreturn]] void fail(std::string_view why) const;
    [[noreturn]] void fail(int error) const;
    void create();
    bool remove_stale() const;
    void keep_mode() const;
    void sync(std::filesystem::path const& folder) const;

    std::filesystem::path shown_, path_,
        part_;  // as the caller wrote it; the same without links; and while it is written
    int file_  = -1;
    bool made_ = false;               // there is a .part of ours
    std::vector<std::byte> waiting_;  // small pieces are written together
};

/// A file of this text, written so.
void write_whole(std::string const&, std::string_view text);

}  // namespace unspool::core

namespace unspool {

using core::write_whole;

}  // namespace unspool
