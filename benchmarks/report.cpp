// The results of contests as a table and as JSON.
#include "report.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace bench {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto columns = "{:<32} {:<20} {:>7} {:>9} {:>9} {:>6}  {:<19}  {}\n";

/// The other peers, and what was measured besides the time.
std::string remarks(Result const& r) {
    std::string out;
    for (std::size_t i = 1; i < r.contenders.size(); ++i)
        if (i != r.best_peer()) out += fmt::format("; {} {:.4g} ms", r.contenders[i], r.milliseconds[i]);
    for (Figure const& f : r.figures) out += fmt::format("; {:.4g} {}", fmt::join(f.values, " / "), f.name);
    return out.empty() ? out : out.substr(2);
}

/// By contender.
Json by_name(Result const& r, std::vector<double> const& values) {
    Json out;
    for (std::size_t i = 0; i < values.size(); ++i) out[r.contenders[i]] = values[i];
    return out;
}

Json entry(Result const& r) {
    Json out{{"name", r.name},
             {"shape", r.shape},
             {"threads", r.threads},
             {"ours", r.contenders[0]},
             {"peer", r.best_peer() == 0 ? Json() : Json(r.contenders[r.best_peer()])},
             {"milliseconds", by_name(r, r.milliseconds)},
             {"ratio", r.ratio()}};
    for (Figure const& f : r.figures) out[f.name] = by_name(r, f.values);
    return out;
}

Json entries_of(std::string const& file) {
    std::ifstream in(file);
    return in ? Json::parse(in) : Json::array();
}

}  // namespace

void print_heading() {
    fmt::print(columns, "benchmark", "shape", "threads", "ours ms", "peer ms", "ratio", "peer", "ours / peers");
}

void print(Result const& r) {
    std::size_t const best  = r.best_peer();
    std::string const ours  = fmt::format("{:.4g}", r.milliseconds[0]);
    std::string const peer  = fmt::format("{:.4g}", r.milliseconds[best]);
    std::string const ratio = fmt::format("{:.2f}", r.ratio());
    if (best == 0) fmt::print(columns, r.name, r.shape, r.threads, ours, "-", "-", "-", remarks(r));
    else fmt::print(columns, r.name, r.shape, r.threads, ours, peer, ratio, r.contenders[best], remarks(r));
    std::fflush(stdout);
}

void write_json(std::vector<Result> const& results, std::string const& file, bool keep_what_is_there) {
    Json all = keep_what_is_there ? entries_of(file) : Json::array();
    for (Result const& r : results) all.push_back(entry(r));
    if (!(std::ofstream(file) << all.dump(2) << "\n" << std::flush)) throw std::runtime_error("cannot write " + file);
}

}  // namespace bench
