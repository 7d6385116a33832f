// Which parameters share a strip.
#include <algorithm>
#include <set>
#include <unspool/autograd/picture/parameter_strips.hpp>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

int ParameterStrips::colour_of(std::string const& path) {
    return colours_.try_emplace(path, static_cast<int>(colours_.size())).first->second;
}

void ParameterStrips::draw(Diagram& out, Links& links, Subgraph const& graph, Naming const& naming,
                           GradientNorms const& norms) {
    using Pair = Links::Pair;
    std::unordered_map<Pair, std::set<int>, Links::HashOfPair> users;
    for (Use const& u : uses_) users[{u.parameter, u.frame}].insert(u.box);
    std::unordered_map<Pair, int, Links::HashOfPair> box;  // by parameter and frame
    for (auto [p, frame, user] : uses_) {
        bool const shared = users[{p, frame}].size() > 1;
        int place         = user;
        if (shared) {
            auto const [it, fresh] = box.try_emplace({p, frame}, static_cast<int>(std::ssize(out.boxes)));
            if (fresh) out.boxes.push_back({.kind = Box::parameters, .cluster = frame});
            place = it->second;
            links.add(place, user, "", -1, false);
        }
        std::string const& path = graph[p].node->param->path();
        auto& strip             = out.boxes[static_cast<std::size_t>(place)].strip;
        if (std::none_of(strip.begin(), strip.end(), [&](auto& s) { return s.path == path; }))
            strip.push_back({naming.parameter(p, frame), path, graph[p].window->shape, norms.of(*graph[p].window),
                             colour_of(path)});
    }
}

}  // namespace unspool::core
