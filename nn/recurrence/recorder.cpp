// How the Vars of a scan are found by name.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/recurrence/recorder.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core {

void Recorder::put(std::string_view name, Index t, Var x) {
    std::string full = layer_ + std::string(name);
    auto const here  = steps_.try_emplace(full).first;
    if (!layer_.empty()) last_.insert_or_assign(std::string(name), std::move(full));
    here->second.insert_or_assign(t, x);
    most_ = std::max(most_, here->second.size());
}

RecordedLayer::RecordedLayer(Recorder* recorder, std::string_view layer) : recorder_(recorder) {
    if (!recorder_) return;
    outer_ = recorder_->layer_;
    recorder_->layer_ += std::string(layer) + ".";
}
RecordedLayer::~RecordedLayer() {
    if (recorder_) recorder_->layer_.swap(outer_);
}

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

std::vector<std::string> Recorder::in_layers(std::string_view name) const {
    std::vector<std::string> out;
    std::string const end = "." + std::string(name);
    for (auto const& [full, _] : steps_)
        if (full == name || std::string_view(full).ends_with(end)) out.push_back(full);
    return out;
}

Recorder::Steps::const_iterator Recorder::find(std::string_view name) const {
    auto const alias = last_.find(name);
    auto found       = steps_.find(name);
    if (found == steps_.end() && alias != last_.end()) found = steps_.find(alias->second);
    return found != steps_.end() && found->second.size() < most_ ? steps_.end() : found;
}

std::vector<Var> Recorder::steps(std::string_view name, Where where) const {
    auto const found = find(name);
    if (found == steps_.end())
        throw NameError(fmt::format("{}: nothing is called {} in every recorded step; there are: {}", text(where),
                                    shown(name), steps_.empty() ? "none" : shown_list(names())));
    std::vector<Var> out;
    for (auto const& [_, x] : found->second) out.push_back(x);
    return out;
}

Var Recorder::sequence(std::string_view name, Where where) const { return stack(steps(name, where), 0, where); }

}  // namespace unspool::core
