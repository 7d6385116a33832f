// The history as a file.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/csv.hpp>
#include <unspool/nn/fit/log.hpp>

namespace unspool::core {

namespace {

std::string header(History const& history) {
    std::string out = "epoch";
    for (auto const& name : history.names()) out += ',' + csv_field(name);
    return out;
}

std::string line(History const& history, Index epoch) {
    std::string out = std::to_string(epoch + 1);
    for (auto const& [name, value] : history.row(epoch)) out += fmt::format(",{}", value);
    return out;
}

[[noreturn]] void cannot_write(std::string const& path) {
    throw FileError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

/// Not to wait for the other end of a pipe, it is opened without blocking.
std::FILE* opened(std::string const& path) {
    int const file       = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    std::FILE* const out = file < 0 ? nullptr : ::fdopen(file, "w");
    if (!out) cannot_write(path);
    return out;
}

}  // namespace

CsvLog::CsvLog(std::string const& path, History const& history) : path_(path), file_(opened(path), std::fclose) {
    if (history.epochs() > 0) write(header(history));
    for (Index e = 0; e < history.epochs(); ++e) write(line(history, e));
}

void CsvLog::add(History const& history) {
    if (history.epochs() == 1) write(header(history));
    write(line(history, history.epochs() - 1));
}

void CsvLog::write(std::string const& line) {
    std::string const whole = line + '\n';
    if (std::fwrite(whole.data(), 1, whole.size(), file_.get()) != whole.size() || std::fflush(file_.get()) != 0)
        cannot_write(path_);
}

}  // namespace unspool::core
