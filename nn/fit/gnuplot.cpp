// Another program's work: no shell, and no pipe, which could be full: its input and output are files without a name.
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <unspool/autograd/error.hpp>
#include <unspool/autograd/utf8.hpp>
#include <unspool/nn/fit/gnuplot.hpp>

extern char** environ;

namespace unspool {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File nameless(std::string const& contents = "") {
    File       out(std::tmpfile(), std::fclose);
    bool const written =
        out && std::fwrite(contents.data(), 1, contents.size(), out.get()) == contents.size() && std::fflush(out.get()) == 0;
    if (!written) throw FileError(fmt::format("cannot write a temporary file: {}", std::strerror(errno)));
    std::rewind(out.get());
    return out;
}

std::string contents(File const& file) {
    std::string out;
    char        some[1 << 14];
    std::rewind(file.get());
    while (std::size_t const n = std::fread(some, 1, sizeof some, file.get())) out.append(some, n);
    return out;
}

struct Redirections {
    posix_spawn_file_actions_t actions;
    Redirections(File const& in, File const& out, File const& errors) {
        posix_spawn_file_actions_init(&actions);
        int to = 0;
        for (auto* f : {in.get(), out.get(), errors.get()}) posix_spawn_file_actions_adddup2(&actions, fileno(f), to++);
    }
    ~Redirections() { posix_spawn_file_actions_destroy(&actions); }
    Redirections(Redirections const&)            = delete;
    Redirections& operator=(Redirections const&) = delete;
};

pid_t start(Redirections const& redirections) {
    char        name[]      = "gnuplot";
    char* const arguments[] = {name, nullptr};
    pid_t       child       = 0;
    int const   error       = posix_spawnp(&child, name, &redirections.actions, nullptr, arguments, environ);
    if (error == ENOENT) throw FileError("there is no gnuplot to draw with: install it (on Debian: apt-get install gnuplot-nox)");
    if (error != 0) throw FileError(fmt::format("gnuplot cannot be run: {}", std::strerror(error)));
    return child;
}

// Its exit status; 0 is success.
int wait_for(pid_t child, double seconds) {
    auto const begin  = std::chrono::steady_clock::now();
    int        status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() > seconds || std::isnan(seconds)) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            throw FileError(fmt::format("gnuplot took longer than {} s", seconds));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return status;
}

}  // namespace

// In double quotes: in single ones, no quote can come first, and none twice.  Backquotes would run a program.
std::string gnuplot_text(std::string_view s) {
    constexpr std::size_t most = 1000;  // bytes; more than anyone would read
    std::string           out  = "\"";
    for (char c : utf8::one_line(s, most)) {
        if (c == '"' || c == '\\' || c == '`') out += '\\';
        if (c == '>' && out.ends_with("]]")) out += ' ';  // gnuplot writes it into XML as it is, where it may not be
        out += c;
    }
    return out + '"';
}

std::string gnuplot_tic(std::string_view s) {
    std::string doubled;
    for (char c : s) doubled.append(c == '%' ? 2 : 1, c);
    return gnuplot_text(doubled);
}

std::string gnuplot_terminal(std::filesystem::path const& path, Index width, Index height, Where where) {
    auto const end = path.extension();
    if (end == ".svg") return fmt::format("svg noenhanced background '#ffffff' size {},{}", width, height);
    if (end == ".png") return fmt::format("pngcairo noenhanced background '#ffffff' size {},{}", width, height);
    if (end == ".pdf")
        return fmt::format("pdfcairo noenhanced size {:.2f},{:.2f}", static_cast<double>(width) / 96, static_cast<double>(height) / 96);
    throw ValueError(fmt::format("{}: plot: \"{}\" ends neither in .svg nor in .png nor in .pdf", text(where), path.string()));
}

std::string gnuplot(std::string const& program, double seconds) {
    File const in = nameless(program), out = nameless(), errors = nameless();
    int const  status = wait_for(start(Redirections(in, out, errors)), seconds);
    auto       drawn  = contents(out);
    if (status != 0 || drawn.empty()) throw FileError(fmt::format("gnuplot failed: {}", contents(errors).substr(0, 1000)));
    return drawn;
}

}  // namespace unspool
