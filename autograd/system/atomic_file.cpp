// Writes a file under another name, then renames it.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <utility>

namespace unspool::core {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t buffer_size = 1 << 16;

/// What a path stands for after symbolic links, even if it is not there yet.  Empty where they run in a circle.
fs::path resolved(fs::path path) {
    std::error_code none;
    for (int links = 0; links < 40; ++links) {
        if (!fs::is_symlink(path, none)) return path;
        path = path.parent_path() / fs::read_symlink(path, none);  // an absolute one stands alone
    }
    return {};
}

/// Is an open file still that of this name?
bool is_at(int file, fs::path const& path) {
    struct stat mine = {}, there = {};
    return ::fstat(file, &mine) == 0 && ::lstat(path.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

/// Nobody else writes it.  File systems without locks are trusted.
bool lock(int file) { return ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

template <class Call> auto again_if_interrupted(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

}  // namespace

void AtomicFile::fail(std::string_view why) const {
    throw FileError(fmt::format("cannot write {}: {}", shown_.empty() ? "\"\"" : shown_.string(), why));
}
void AtomicFile::fail(int error) const { fail(std::strerror(error)); }

AtomicFile::AtomicFile(fs::path const& path) : shown_(path), path_(resolved(path)) {
    if (path_.empty()) fail(path.empty() ? ENOENT : ELOOP);
    std::error_code none;
    fs::file_status const status = fs::status(path_, none);
    if (fs::is_directory(status)) fail("it is a folder");
    if (fs::exists(status) && !fs::is_regular_file(status)) fail("it is not a regular file");
    if (fs::exists(status) && ::faccessat(AT_FDCWD, path_.c_str(), W_OK, AT_EACCESS) != 0) fail(errno);
    part_ = path_;
    part_ += ".part";
    waiting_.reserve(buffer_size);
    create();
    try {
        keep_mode();
    } catch (...) {
        ::unlink(part_.c_str());
        ::close(file_);
        throw;
    }
}

AtomicFile::~AtomicFile() {
    if (made_) ::unlink(part_.c_str());
    if (file_ >= 0) ::close(file_);
}

void AtomicFile::create() {
    for (int attempt = 0; attempt < 100; ++attempt) {
        file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file_ >= 0 && lock(file_) && is_at(file_, part_)) return void(made_ = true);
        int const error = errno;
        if (file_ >= 0) ::close(std::exchange(file_, -1));  // somebody took it for stale before it was locked
        else if (error != EEXIST) fail(error);
        else if (!remove_stale()) break;
    }
    fail(fmt::format("it is being written by another program, to {}", part_.string()));
}

/// Removes what a killed program left.  Returns false where one is alive that holds the lock.
bool AtomicFile::remove_stale() const {
    int const other = ::open(part_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (other < 0 && errno == ENOENT) return true;
    bool const free  = other < 0 || lock(other);
    bool const there = other < 0 || is_at(other, part_);  // it may have been renamed since
    int const error  = free && there && ::unlink(part_.c_str()) != 0 && errno != ENOENT ? errno : 0;
    if (other >= 0) ::close(other);
    if (error) fail(fmt::format("{} is in the way: {}", part_.string(), std::strerror(error)));
    return free;
}

void AtomicFile::keep_mode() const {
    struct stat old = {};
    if (::stat(path_.c_str(), &old) == 0 && ::fchmod(file_, old.st_mode & 07777) != 0) fail(errno);
}

void AtomicFile::write(std::span<std::byte const> bytes) {
    if (waiting_.size() + bytes.size() > buffer_size) flush();
    if (bytes.size() > buffer_size) write_now(bytes);
    else waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
}

void AtomicFile::flush() {
    write_now(waiting_);
    waiting_.clear();
}

void AtomicFile::write_now(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        auto const n = again_if_interrupted([&] { return ::write(file_, bytes.data(), bytes.size()); });
        if (n < 0) fail(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

void AtomicFile::commit() {
    fs::path const folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    flush();
    if (again_if_interrupted([&] { return ::fsync(file_); }) != 0) fail(errno);
    if (::rename(part_.c_str(), path_.c_str()) != 0) fail(errno);
    made_ = false;
    sync(folder);
}

/// Some file systems cannot: they say EINVAL.
void AtomicFile::sync(fs::path const& folder) const {
    int const open = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (open < 0) return;  // one may write in a folder that one may not read
    int const error = again_if_interrupted([&] { return ::fsync(open); }) == 0 ? 0 : errno;
    ::close(open);
    if (error && error != EINVAL) fail(error);
}

void write_whole(std::string const& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace unspool::core
