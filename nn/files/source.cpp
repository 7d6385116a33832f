// Reads files by pread, which neither moves a position nor maps memory.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unspool/autograd/error.hpp>
#include <unspool/nn/files/source.hpp>
#include <utility>

namespace unspool {

namespace {

[[noreturn]] void cannot_read(std::string const& name, std::string_view why) {
    throw FileError(fmt::format("cannot read {}: {}", name.empty() ? "\"\"" : name, why));
}

/// Not to wait for the other end of a pipe, it is opened without blocking.
int opened(std::string const& name) {
    int const file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) cannot_read(name, std::strerror(errno));
    return file;
}

}  // namespace

Source::Source(std::filesystem::path const& path) : name_(path.string()), file_(opened(name_)) {
    struct stat status = {};
    bool const  known  = ::fstat(file_, &status) == 0;
    if (known && S_ISREG(status.st_mode)) {
        size_ = static_cast<std::uint64_t>(status.st_size);
        return;
    }
    ::close(file_);
    cannot_read(name_, !known ? "its size is unknown" : S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
}

Source::Source(std::span<std::byte const> memory, std::string name)
    : name_(std::move(name)), size_(memory.size()), memory_(memory.data()) {}

Source::Source(Source&& other) noexcept
    : name_(std::move(other.name_)), size_(other.size_), memory_(other.memory_), file_(std::exchange(other.file_, -1)) {}

Source::~Source() {
    if (file_ >= 0) ::close(file_);
}

void Source::read(std::uint64_t from, std::span<std::byte> to) const {
    if (from > size_ || to.size() > size_ - from)
        cannot_read(name_, fmt::format("{} bytes are wanted from byte {} on, but it has {}", to.size(), from, size_));
    if (file_ >= 0) read_file(from, to);
    else if (!to.empty()) std::memcpy(to.data(), memory_ + from, to.size());
}

void Source::read_file(std::uint64_t from, std::span<std::byte> to) const {
    while (!to.empty()) {
        ssize_t const n = ::pread(file_, to.data(), to.size(), static_cast<off_t>(from));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) cannot_read(name_, std::strerror(errno));
        if (n == 0) cannot_read(name_, fmt::format("it had {} bytes, and ends at byte {} now", size_, from));
        from += static_cast<std::uint64_t>(n);
        to = to.subspan(static_cast<std::size_t>(n));
    }
}

}  // namespace unspool
