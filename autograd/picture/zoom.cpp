// Closes modules from the outside to the inside; a frame is made after the one around it.
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/zoom.hpp>

namespace unspool::core {

Zoom::Zoom(Subgraph const& reading, GraphOptions const& options) : reading_(reading), options_(options) {
    if (options.level != GraphOptions::modules && !options.depth) return;
    auto const& frames = reading.frames();
    find_expanded();
    depth_.assign(frames.size(), 0), inner_.assign(frames.size(), false), closed_.assign(frames.size(), -1),
        box_.assign(frames.size(), -1);
    for (std::size_t f = frames.size(); f-- > 1;)
        if (frames[f].step < 0 || inner_[f]) inner_[at(frames[f].parent)] = true;
    for (std::size_t f = 1; f < frames.size(); ++f) {
        bool const module = frames[f].step < 0;
        auto const parent = at(frames[f].parent);
        depth_[f]         = depth_[parent] + module;
        closed_[f] =
            closed_[parent] < 0 && module && !open(static_cast<int>(f)) ? static_cast<int>(f) : closed_[parent];
        bool const own = closed_[f] == static_cast<int>(f) || !module;
        if (closed_[f] >= 0) box_[f] = own ? static_cast<int>(f) : box_[parent];
    }
}

bool Zoom::open(int frame) const {
    return (options_.depth ? depth_[at(frame)] < *options_.depth : inner_[at(frame)]) || expanded_[at(frame)];
}

/// ScopeFrame by frame, how much of each module to expand its path is: all of the path, or nothing.
void Zoom::find_expanded() {
    auto const& frames = reading_.frames();
    expanded_.assign(frames.size(), false);
    for (std::string const& wanted : options_.expand) {
        std::string const path = wanted + ".";
        std::vector<std::string_view> rest(frames.size());
        rest[0] = path;
        for (std::size_t f = 1; f < frames.size(); ++f) {
            rest[f] = rest[at(frames[f].parent)];
            if (frames[f].step >= 0) continue;
            bool const begins =
                rest[f].starts_with(frames[f].module) && rest[f].substr(frames[f].module.size()).starts_with('.');
            rest[f]      = begins ? rest[f].substr(frames[f].module.size() + 1) : std::string_view();
            expanded_[f] = expanded_[f] || begins;
        }
    }
}

std::string_view Zoom::module(int box) const { return reading_.frames()[at(closed_[at(box)])].module; }

}  // namespace unspool::core
