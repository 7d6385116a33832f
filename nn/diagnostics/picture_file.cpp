// SVG as it is, and as another program draws it.
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/system/child_process.hpp>
#include <unspool/nn/diagnostics/picture_file.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

namespace {

std::string converted(std::string const& svg, std::string const& path, std::string const& format, double seconds) {
    ChildProcess const ran = run_program("rsvg-convert", {"--format", format}, svg, seconds);
    std::string why;
    switch (ran.end) {
        case ChildProcess::not_found:
            why =
                "there is no rsvg-convert to make it of SVG: install it (on Debian: apt-get install librsvg2-bin), or "
                "write .svg";
            break;
        case ChildProcess::not_started: why = ran.errors; break;
        case ChildProcess::stopped: why = fmt::format("rsvg-convert took longer than {} s", seconds); break;
        case ChildProcess::exited:
            if (ran.status != 0 || ran.out.empty()) why = "rsvg-convert failed: " + ran.errors.substr(0, 1000);
    }
    if (!why.empty()) throw FileError(fmt::format("cannot draw {}: {}", path, why));
    return ran.out;
}

}  // namespace

void save_svg(std::string const& svg, std::string const& path, double seconds) {
    auto const end = std::filesystem::path(path).extension();
    write_whole(path, end == ".svg" ? svg : converted(svg, path, end.string().substr(1), seconds));
}

void require_picture(std::string const& path, Index width, Index height, Where where) {
    require_at_least(200, "plot", "width", width, where), require_at_least(200, "plot", "height", height, where);
    if (constexpr Index most = 100'000; width > most || height > most)
        throw ValueError(fmt::format("{}: plot: a picture of {} x {} is larger than {} either way", text(where), width,
                                     height, most));
    auto const end = std::filesystem::path(path).extension();
    if (end != ".svg" && end != ".png" && end != ".pdf")
        throw ValueError(
            fmt::format("{}: plot: \"{}\" ends neither in .svg nor in .png nor in .pdf", text(where), path));
}

}  // namespace unspool::core
