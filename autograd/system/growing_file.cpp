// Appends, and remembers what did not fit.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/growing_file.hpp>

namespace unspool::core {

namespace {

[[noreturn]] void cannot_write(std::string const& path) {
    throw FileError(fmt::format("cannot write {}: {}", path.empty() ? "\"\"" : path, std::strerror(errno)));
}

}  // namespace

GrowingFile::GrowingFile(std::string path)
    : path_(std::move(path))
    , file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666)) {
    if (file_ < 0) cannot_write(path_);
}

GrowingFile::~GrowingFile() {
    flushed();
    ::close(file_);
}

void GrowingFile::flush() {
    if (!flushed()) cannot_write(path_);
}

bool GrowingFile::flushed() {
    std::size_t done = 0;
    while (done < waiting_.size()) {
        auto const n = ::write(file_, waiting_.data() + done, waiting_.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) break;
        done += static_cast<std::size_t>(n);
    }
    waiting_.erase(0, done);
    return waiting_.empty();
}

}  // namespace unspool::core
