// Counts activations near the ends of their range.
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/data/csv.hpp>
#include <unspool/nn/diagnostics/saturation.hpp>
#include <unspool/nn/files/header.hpp>

namespace unspool::core {

namespace {

void count_into(GateSaturation& g, Var const& x, SaturationOptions const& o) {
    Index const units = x.shape().empty() ? 1 : x.shape().back();
    g.shut_by_unit.resize(static_cast<std::size_t>(units)), g.open_by_unit.resize(static_cast<std::size_t>(units));
    dispatch(x.dtype(), [&](auto t) {
        auto const all = x.value<decltype(t)>();
        std::size_t u  = 0;
        for (auto it = all.template begin<xt::layout_type::row_major>();
             it != all.template end<xt::layout_type::row_major>(); ++it) {
            auto const v = static_cast<double>(*it);
            g.shut_by_unit[u] += v<o.low, g.open_by_unit[u] += v> o.high;
            u = (u + 1) % static_cast<std::size_t>(units);
        }
        g.count += static_cast<Index>(all.size());
    });
}

/// From counts to shares.
void divide(GateSaturation& g) {
    double const of_unit = static_cast<double>(g.count) / static_cast<double>(g.shut_by_unit.size());
    for (double n : g.shut_by_unit) g.shut += n / static_cast<double>(g.count);
    for (double n : g.open_by_unit) g.open += n / static_cast<double>(g.count);
    for (double& n : g.shut_by_unit) n /= of_unit;
    for (double& n : g.open_by_unit) n /= of_unit;
}

/// A z beside an r is a gate of a GRU; any other is what gates are made of.
bool is_gate(Recorder const& recorder, std::string name) {
    if (!name.ends_with('z')) return true;
    name.back()      = 'r';
    auto const found = recorder.in_layers("r");
    return std::find(found.begin(), found.end(), name) != found.end();
}

std::vector<std::string> names_of(Recorder const& recorder, std::vector<std::string> const& wanted, Where where) {
    std::vector<std::string> out;
    for (std::string const& gate : wanted.empty() ? std::vector<std::string>{"i", "f", "o", "r", "z"} : wanted) {
        auto const found = recorder.in_layers(gate);
        if (found.empty() && !wanted.empty()) recorder.steps(gate, where);  // says what there is
        for (auto const& name : found)
            if (!wanted.empty() || is_gate(recorder, name)) out.push_back(name);
    }
    if (out.empty())
        throw NameError(fmt::format("{}: saturation: nothing that was recorded is called like a gate; there are: {}",
                                    text(where), shown_list(recorder.names())));
    return out;
}

}  // namespace

Saturation saturation(Recorder const& recorder, std::vector<std::string> const& gates, SaturationOptions const& o,
                      Where where) {
    if (!(o.low < o.high))
        throw ValueError(
            fmt::format("{}: saturation: low is {}, high {}: it must be above", text(where), o.low, o.high));
    Saturation out{{}, o};
    for (auto const& name : names_of(recorder, gates, where)) {
        GateSaturation g;
        g.name = name;
        for (Var const& x : recorder.steps(name, where)) count_into(g, x, o);
        divide(g);
        out.gates.push_back(std::move(g));
    }
    return out;
}

GateSaturation const& Saturation::operator[](std::string_view name) const {
    std::vector<std::string> names;
    for (auto const& g : gates) {
        if (g.name == name) return g;
        names.push_back(g.name);
    }
    throw NameError(fmt::format("no gate is called {}; there are: {}", shown(name), shown_list(names)));
}

std::string Saturation::csv() const {
    std::string out = "gate,unit,shut,open\n";
    for (auto const& g : gates)
        for (std::size_t u = 0; u < g.shut_by_unit.size(); ++u)
            out += fmt::format("{},{},{},{}\n", csv_field(g.name), u, g.shut_by_unit[u], g.open_by_unit[u]);
    return out;
}

void Saturation::save(std::string const& path) const { write_whole(path, csv()); }

std::string text(Saturation const& s) {
    std::string out;
    for (auto const& g : s.gates)
        out += fmt::format("{}  {:.1f} % below {}, {:.1f} % above {}\n", g.name, 100 * g.shut, s.options.low,
                           100 * g.open, s.options.high);
    return out;
}

std::ostream& operator<<(std::ostream& out, Saturation const& s) { return out << text(s); }

}  // namespace unspool::core
