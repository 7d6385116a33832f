// Closes modules from the outside to the inside; a frame is made after the one around it.
#include <algorithm>
#include <unspool/autograd/zoom.hpp>

namespace unspool {

namespace {
std::size_t at(int i) { return static_cast<std::size_t>(i); }
}  // namespace

Zoom::Zoom(Reading const& reading, GraphOptions const& options) : reading_(reading), options_(options) {
    if (options.level != GraphOptions::modules && !options.depth) return;
    auto const& frames = reading.frames();
    depth_.assign(frames.size(), 0), inner_.assign(frames.size(), false), closed_.assign(frames.size(), -1), box_.assign(frames.size(), -1);
    for (std::size_t f = frames.size(); f-- > 1;)
        if (frames[f].step < 0 || inner_[f]) inner_[at(frames[f].parent)] = true;
    for (std::size_t f = 1; f < frames.size(); ++f) {
        bool const module = frames[f].step < 0;
        auto const parent = at(frames[f].parent);
        depth_[f]         = depth_[parent] + module;
        closed_[f]        = closed_[parent] < 0 && module && !open(static_cast<int>(f)) ? static_cast<int>(f) : closed_[parent];
        bool const own    = closed_[f] == static_cast<int>(f) || !module;
        if (closed_[f] >= 0) box_[f] = own ? static_cast<int>(f) : box_[parent];
    }
}

bool Zoom::open(int frame) const {
    return (options_.depth ? depth_[at(frame)] < *options_.depth : inner_[at(frame)]) || is_expanded(frame);
}

/// By its path, or as one around a module that is.
bool Zoom::is_expanded(int frame) const {
    if (options_.expanded.empty()) return false;
    std::string path;
    for (int f = frame; f > 0; f = reading_.frames()[at(f)].parent)
        if (reading_.frames()[at(f)].step < 0) path = std::string(reading_.frames()[at(f)].module) + "." + path;
    return std::any_of(options_.expanded.begin(), options_.expanded.end(), [&](auto const& e) { return (e + ".").starts_with(path); });
}

std::string_view Zoom::module(int box) const { return reading_.frames()[at(closed_[at(box)])].module; }

}  // namespace unspool
