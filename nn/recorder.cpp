// How the Vars of a scan are found by name.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/label.hpp>
#include <unspool/nn/recorder.hpp>
#include <unspool/ops/layout.hpp>

namespace unspool {

void Recorder::put(std::string_view name, Index t, Var x) { steps_[std::string(name)][t] = x; }

void Recorder::named(Tape& tape, NodeId first, Index t) {
    for (NodeId id = first; id < tape.size(); ++id) {
        Node const& n = tape[id];
        if (!n.rule) continue;
        if (auto const name = given_name(tape, n.value); !name.empty()) put(name, t, Var(tape, n.value));
    }
}

std::vector<std::string> Recorder::names() const {
    std::vector<std::string> out;
    for (auto const& [name, _] : steps_) out.push_back(name);
    return out;
}

Var Recorder::sequence(std::string_view name, Where where) const {
    auto const  found = steps_.find(name);
    std::size_t most  = 0;
    for (auto const& [_, steps] : steps_) most = std::max(most, steps.size());
    if (found == steps_.end() || found->second.size() < most)
        throw NameError(fmt::format("{}: nothing is called {} in every recorded step; there are: {}", text(where), name,
                                    steps_.empty() ? "none" : fmt::format("{}", fmt::join(names(), ", "))));
    std::vector<Var> all;
    for (auto const& [_, x] : found->second) all.push_back(x);
    return stack(all, 0, where);
}

}  // namespace unspool
