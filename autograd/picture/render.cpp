// Runs the program dot, without a shell and not for ever.
#include <algorithm>
#include <atomic>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <boost/process/search_path.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <thread>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/render.hpp>

namespace unspool::core {

namespace {

namespace fs = std::filesystem;
namespace bp = boost::process;

/// A name beside `final` that no other process uses.
fs::path beside(fs::path const& final, std::string const& ending) {
    return final.parent_path() / fmt::format(".{}.{}{}", final.filename().string(), ::getpid(), ending);
}

/// Removes a file at the end, if it is still there.
struct Temporary {
    fs::path path;
    ~Temporary() {
        std::error_code ignored;
        fs::remove(path, ignored);
    }
};

/// A folder with a graph and its picture, which are removed with it.
struct Folder {
    fs::path path, graph, picture;
    Folder() {
        static std::atomic<unsigned> made{0};
        path  = fs::temp_directory_path() / fmt::format("unspool-{}-{}", ::getpid(), made++);
        graph = path / "picture.dot", picture = path / "picture";
        std::error_code error;
        if (!fs::create_directory(path, error) || error) throw FileError("cannot make the folder " + path.string());
    }
    ~Folder() {
        std::error_code ignored;
        for (auto const* p : {&picture, &graph, &path}) fs::remove(*p, ignored);
    }
    Folder(Folder const&)            = delete;
    Folder& operator=(Folder const&) = delete;
};

std::string content_of(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void rename_file(fs::path const& from, fs::path const& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) throw FileError(fmt::format("cannot write {}: {}", to.string(), error.message()));
}

/// What dot said, or what kept it from speaking; empty if all is well.
std::string complaint_of_dot(fs::path const& source, fs::path const& picture, std::string const& format,
                             std::chrono::milliseconds limit) {
    auto const program = bp::search_path("dot");
    if (program.empty()) return "there is no program dot in PATH (it is part of Graphviz)";
    Temporary const said{beside(picture, ".log")};
    auto const end = std::chrono::steady_clock::now() + limit;
    std::error_code error;
    bp::child dot(bp::exe  = program,
                  bp::args = {"-T" + format, "-o", fs::absolute(picture).string(), fs::absolute(source).string()},
                  bp::std_in<bp::null, bp::std_out> bp::null, bp::std_err > said.path.string(), error);
    if (error) return fmt::format("cannot start {}: {}", program.string(), error.message());
    for (auto pause = std::chrono::milliseconds(1); dot.running(error);
         pause      = std::min(2 * pause, std::chrono::milliseconds(20))) {
        if (std::chrono::steady_clock::now() >= end) {
            dot.terminate(error);
            return fmt::format("dot was stopped after {:g} s: draw less, with steps(k), rolled() or "
                               "level(Graph::modules), or raise time_limit",
                               static_cast<double>(limit.count()) / 1000);
        }
        std::this_thread::sleep_for(pause);
    }
    if (dot.exit_code() == 0 && fs::exists(picture)) return "";
    std::string words = content_of(said.path);
    while (!words.empty() && words.back() == '\n') words.pop_back();
    return fmt::format("dot failed with exit status {}{}{}", dot.exit_code(), words.empty() ? "" : ": ", words);
}

/// What went wrong; empty if nothing did.
std::string try_to_write(std::string const& content, fs::path const& to) {
    errno = 0;
    std::ofstream out(to, std::ios::binary);
    out << content;
    out.close();
    return out ? "" : std::generic_category().message(errno ? errno : EIO);
}

}  // namespace

void write_file(std::string const& content, fs::path const& to) {
    Temporary const part{beside(to, ".part")};
    if (auto const trouble = try_to_write(content, part.path); !trouble.empty())
        throw FileError(fmt::format("cannot write {}: {}", to.string(), trouble));
    rename_file(part.path, to);
}

void render(std::string const& dot, fs::path const& to, std::string const& format, std::chrono::milliseconds limit) {
    Temporary const source{beside(to, ".dot")}, picture{beside(to, "." + format)};
    if (auto const trouble = try_to_write(dot, source.path); !trouble.empty())
        throw FileError(fmt::format("cannot write {}: {}", to.string(), trouble));
    std::string const complaint = complaint_of_dot(source.path, picture.path, format, limit);
    if (complaint.empty()) return rename_file(picture.path, to);
    fs::path const left = fs::path(to).replace_extension(".dot");
    rename_file(source.path, left);
    throw FileError(fmt::format("cannot draw {}: {}; the graph is in {}", to.string(), complaint, left.string()));
}

Rendered rendered(std::string const& dot, std::string const& format, std::chrono::milliseconds limit) {
    Folder const folder;
    if (auto const trouble = try_to_write(dot, folder.graph); !trouble.empty())
        return {"", fmt::format("cannot write {}: {}", folder.graph.string(), trouble)};
    std::string complaint = complaint_of_dot(folder.graph, folder.picture, format, limit);
    if (!complaint.empty()) return {"", std::move(complaint)};
    return {content_of(folder.picture), ""};
}

}  // namespace unspool::core
