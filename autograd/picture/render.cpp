// What dot is told, and what it said.
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/system/child_process.hpp>

namespace unspool::core {

namespace {

/// Empty if all is well.
std::string complaint_of(ChildProcess const& dot, double limit) {
    switch (dot.end) {
        case ChildProcess::not_found: return "there is no program dot in PATH (it is part of Graphviz)";
        case ChildProcess::not_started: return dot.errors;
        case ChildProcess::stopped:
            return fmt::format("dot was stopped after {:.3g} s: draw less, with steps(k), rolled() or "
                               "level(Graph::modules), or raise time_limit",
                               limit);
        case ChildProcess::exited: break;
    }
    if (dot.status == 0 && !dot.out.empty()) return "";
    std::string words = dot.errors;
    while (!words.empty() && words.back() == '\n') words.pop_back();
    return fmt::format("dot failed with exit status {}{}{}", dot.status, words.empty() ? "" : ": ", words);
}

}  // namespace

Rendered rendered(std::string const& dot, std::string const& format, double limit) {
    ChildProcess ran      = run_program("dot", {"-T" + format}, dot, limit);
    std::string complaint = complaint_of(ran, limit);
    return complaint.empty() ? Rendered{std::move(ran.out), ""}
                             : Rendered{"", std::move(complaint), ran.end == ChildProcess::exited};
}

std::string svg_element(std::string const& dot_source, double limit) {
    Rendered const drawn = rendered(dot_source, "svg", limit);
    if (!drawn.complaint.empty()) throw FileError("cannot draw a page's picture: " + drawn.complaint);
    std::size_t const begin = drawn.picture.find("<svg");  // behind what makes it a file of its own
    if (begin == drawn.picture.npos) throw FileError("dot drew no picture");
    return drawn.picture.substr(begin);
}

void refuse_to_draw(std::string const& to, std::string const& dot, std::string const& complaint) {
    auto const left = std::filesystem::path(to).replace_extension(".dot");
    write_whole(left.string(), dot);
    throw FileError(fmt::format("cannot draw {}: {}; the graph is in {}", to, complaint, left.string()));
}

void render(std::string const& dot, std::string const& to, std::string const& format, double limit) {
    Rendered const drawn = rendered(dot, format, limit);
    if (drawn.complaint.empty()) return write_whole(to, drawn.picture);
    refuse_to_draw(to, dot, drawn.complaint);
}

}  // namespace unspool::core
