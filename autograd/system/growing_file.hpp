// Writing a file that others read while it grows.
#pragma once
#include <string>
#include <string_view>

namespace unspool::core {

/// A file that begins empty, and to which is added.  What a full disk keeps out waits: the next flush() goes on where the last
/// one stopped, so that there is never a hole.
class GrowingFile {
public:
    /// FileError where it cannot be written.  A pipe that no one reads is an error, and nothing to wait for.
    explicit GrowingFile(std::string path);
    GrowingFile(GrowingFile const&)            = delete;
    GrowingFile& operator=(GrowingFile const&) = delete;
    ~GrowingFile();  ///< flushes what it can

    void write(std::string_view bytes) { waiting_ += bytes; }
    void flush();  ///< all of it is in the file then.  FileError; the disk may be full
    std::string const& path() const { return path_; }

private:
    bool flushed();  // or errno says why not

    std::string path_;
    std::string waiting_;
    int file_;
};

}  // namespace unspool::core
