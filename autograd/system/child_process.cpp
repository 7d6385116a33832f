// Starts, waits, and stops.
#include <algorithm>
#if __has_include(<boost/process/v1/child.hpp>)  // Boost 1.86 and later
#include <boost/process/v1/args.hpp>
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/exe.hpp>
#include <boost/process/v1/io.hpp>
#include <boost/process/v1/search_path.hpp>
#else
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <boost/process/search_path.hpp>
namespace boost::process::v1 {
using namespace boost::process;
}
#endif
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/child_process.hpp>

namespace unspool::core {

namespace {

namespace bp = boost::process::v1;
using Clock  = std::chrono::steady_clock;
using File   = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File nameless(std::string const& contents = "") {
    File out(std::tmpfile(), std::fclose);
    bool const written = out && std::fwrite(contents.data(), 1, contents.size(), out.get()) == contents.size() &&
                         std::fflush(out.get()) == 0;
    if (!written) throw FileError(fmt::format("cannot write a temporary file: {}", std::strerror(errno)));
    std::rewind(out.get());
    return out;
}

std::string contents(File const& file) {
    std::string out;
    char some[1 << 14];
    std::rewind(file.get());
    while (std::size_t const n = std::fread(some, 1, sizeof some, file.get())) out.append(some, n);
    return out;
}

/// Did it end by itself?  Else it is stopped.  A limit that is not a number is none at all.
bool ends_in_time(bp::child& child, double limit) {
    std::error_code error;
    auto const begin = Clock::now();
    for (auto pause = std::chrono::milliseconds(1); child.running(error);
         pause      = std::min(2 * pause, std::chrono::milliseconds(20))) {
        if (!(std::chrono::duration<double>(Clock::now() - begin).count() < limit)) {
            child.terminate(error);
            child.wait(error);
            return false;
        }
        std::this_thread::sleep_for(pause);
    }
    return true;
}

}  // namespace

ChildProcess run_program(std::string const& name, std::vector<std::string> const& arguments, std::string const& input,
                         double limit) {
    if (std::any_of(arguments.begin(), arguments.end(), [](std::string const& word) { return word.empty(); }))
        throw ValueError(fmt::format("{} is called with an empty word", name));
    auto const program = bp::search_path(name);
    if (program.empty()) return {ChildProcess::not_found, 0, {}, {}};
    File const in = nameless(input), out = nameless(), errors = nameless();
    std::error_code error;
    bp::child child(bp::exe = program, bp::args = arguments, bp::std_in<in.get(), bp::std_out> out.get(),
                    bp::std_err > errors.get(), error);
    if (error)
        return {
            ChildProcess::not_started, 0, {}, fmt::format("cannot start {}: {}", program.string(), error.message())};
    bool const in_time = ends_in_time(child, limit);
    return {in_time ? ChildProcess::exited : ChildProcess::stopped, child.exit_code(), contents(out), contents(errors)};
}

}  // namespace unspool::core
