// Names of a history as names of TensorBoard.
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/cpu/build_info.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/weight_watch.hpp>
#include <unspool/nn/fit/event_log.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

namespace {

EventLogOptions const& checked(EventLogOptions const& o, Where where) {
    return require_at_least(0, "EventLog", "histograms", o.histograms, where), o;
}

std::string tag_of(std::string_view name) {
    constexpr std::string_view other = "validation_";
    if (name == "rate" || name == "seconds") return std::string(name);
    if (name.starts_with(other)) return fmt::format("{}/validation", name.substr(other.size()));
    return fmt::format("{}/train", name);
}

std::string about_build() {
    BuildInfo const b = build_info();
    return two_columns(
        {{"Unspool", b.version}, {"compiler", b.compiler}, {"instructions", b.instructions}, {"products", b.products}});
}

std::string about_parameters(Params const& params) {
    std::vector<std::pair<std::string, std::string>> lines{{"all", fmt::format("{} elements", params.count())}};
    for (Param const* p : WeightWatch::watched(params)) lines.emplace_back(p->path(), text(p->shape()));
    return two_columns(lines);
}

}  // namespace

std::string two_columns(std::vector<std::pair<std::string, std::string>> const& lines) {
    std::string out = "| | |\n|-|-|\n";
    auto const cell = [](std::string const& s) {
        std::string shown;
        for (char c : utf8::one_line(s, 200)) shown += c == '|' ? "\\|" : std::string(1, c);
        return shown;
    };
    for (auto const& [name, value] : lines) out += fmt::format("| {} | {} |\n", cell(name), cell(value));
    return out;
}

EventLog::EventLog(std::string const& folder, Params const& params, EventLogOptions const& o, History const& before,
                   Where where)
    : params_(params)
    , every_(checked(o, where).histograms)
    , epochs_(has_events(folder) ? before.epochs() : 0)
    , file_(folder) {
    file_.restart(epochs_ + 1);
    file_.text("about/build", about_build(), epochs_);
    file_.text("about/parameters", about_parameters(params_), epochs_);
    while (epochs_ < before.epochs()) numbers(before.row(epochs_));
    file_.flush();
}

void EventLog::update(double norm) {
    norms_.sum += norm, ++norms_.n;
    if (norm > norms_.largest || std::isnan(norm)) norms_.largest = norm;  // NaN remains
}

void EventLog::numbers(History::Row const& row) {
    ++epochs_;
    for (auto const& [name, x] : row) file_.scalar(tag_of(name), x, epochs_);
}

void EventLog::epoch(History::Row const& row) {
    numbers(row);
    if (norms_.n > 0) {
        file_.scalar("gradient_norm/mean", norms_.sum / static_cast<double>(norms_.n), epochs_);
        file_.scalar("gradient_norm/largest", norms_.largest, epochs_);
    }
    norms_ = {};
    if (every_ > 0 && (epochs_ % every_ == 0))
        for (Param const* p : WeightWatch::watched(params_))
            file_.histogram("weights/" + p->path(), elements_of(*p), epochs_);
    file_.flush();
}

}  // namespace unspool::core
