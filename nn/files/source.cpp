// Reads files by pread, which neither moves a position nor maps memory.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/source.hpp>
#include <utility>

namespace unspool::core {

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

/// Closes a file unless it is told otherwise.
struct Closed {
    int const* file;
    ~Closed() {
        if (file) ::close(*file);
    }
};

}  // namespace

Source::Source(std::string const& path) : name_(path), file_(opened(name_)) {
    Closed guard{&file_};
    struct stat status = {};
    if (::fstat(file_, &status) != 0) fail("its size is unknown");
    if (!S_ISREG(status.st_mode)) fail(S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
    size_ = static_cast<std::uint64_t>(status.st_size), changed_ = status.st_mtim, names_ = status.st_nlink;
    if (size_ == 0) read_at_once();
    guard.file = nullptr;
}

Source::Source(std::span<std::byte const> memory, std::string name)
    : name_(std::move(name)), size_(memory.size()), memory_(memory.data()) {}

Source::Source(Source&& other) noexcept
    : name_(std::move(other.name_))
    , size_(other.size_)
    , memory_(other.memory_)
    , file_(std::exchange(other.file_, -1))
    , read_at_once_(std::move(other.read_at_once_))
    , changed_(other.changed_)
    , names_(other.names_) {}

Source::~Source() {
    if (file_ >= 0) ::close(file_);
}

void Source::fail(std::string_view why) const { cannot_read(name_, why); }

void Source::read_at_once() {
    constexpr std::size_t most = 64'000'000, piece = 1 << 16;
    for (std::size_t came = 1; came > 0;) {
        std::size_t const had = read_at_once_.size();
        if (had > most) fail(fmt::format("it claims to be empty, but has more than {} bytes", most));
        read_at_once_.resize(had + piece);
        came = read_some(had, std::span(read_at_once_).subspan(had));
        read_at_once_.resize(had + came);
    }
    size_ = read_at_once_.size();
    if (size_ > 0) memory_ = read_at_once_.data();
}

void Source::read(std::uint64_t from, std::span<std::byte> to) const {
    if (from > size_ || to.size() > size_ - from)
        fail(fmt::format("{} bytes are wanted from byte {} on, but it has {}", to.size(), from, size_));
    if (!memory_ && file_ >= 0) read_file(from, to);
    else if (!to.empty()) std::memcpy(to.data(), memory_ + from, to.size());
}

/// 0 at the end.
std::size_t Source::read_some(std::uint64_t from, std::span<std::byte> to) const {
    ssize_t n = ::pread(file_, to.data(), to.size(), static_cast<off_t>(from));
    while (n < 0 && errno == EINTR) n = ::pread(file_, to.data(), to.size(), static_cast<off_t>(from));
    if (n < 0) fail(std::strerror(errno));
    return static_cast<std::size_t>(n);
}

void Source::read_file(std::uint64_t from, std::span<std::byte> to) const {
    while (!to.empty()) {
        std::size_t const n = read_some(from, to);
        if (n == 0) fail(fmt::format("it had {} bytes, and ends at byte {} now", size_, from));
        from += n;
        to = to.subspan(n);
    }
    require_unchanged();
}

void Source::require_unchanged() const {
    struct stat now = {};
    if (::fstat(file_, &now) != 0) fail(std::strerror(errno));
    bool const same_time = now.st_mtim.tv_sec == changed_.tv_sec && now.st_mtim.tv_nsec == changed_.tv_nsec;
    if (static_cast<std::uint64_t>(now.st_size) != size_)
        fail(fmt::format("it had {} bytes when it was opened, and has {} now", size_, now.st_size));
    if (!same_time) fail("it has been changed since it was opened");
}

// Sizes of files that the system makes up are guesses.
std::string Source::all() const {
    if (memory_ || file_ < 0) return {reinterpret_cast<char const*>(memory_), static_cast<std::size_t>(size_)};
    std::string out(static_cast<std::size_t>(size_), '\0');
    std::size_t n = 0;
    for (std::size_t came = 1; came > 0; n += came) {
        if (n == out.size()) out.resize(n + n / 2 + 1);
        came = read_some(n, std::as_writable_bytes(std::span(out)).subspan(n));
    }
    out.resize(n);
    require_unchanged();
    return out;
}

void Source::require_still_there() const {
    struct stat now = {};
    if (file_ >= 0 && (::fstat(file_, &now) != 0 || now.st_nlink < names_))
        fail("it was deleted, or replaced by another one");
}

std::string read_whole(std::string const& path) { return Source(path).all(); }

}  // namespace unspool::core
