// Runs a loss once, and judges what its scans recorded.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/text/json_text.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/training_probe.hpp>

namespace unspool::core {

namespace {

constexpr Index most_sequences = 4, most_steps = 400, most_columns = 400;
constexpr Index most_cells = 300'000, most_maps = 40;
constexpr std::size_t most_of_token = 24;  // bytes

// ---- what was recorded ----------------------------------------------------------------------------------------------

void copy_step(RecordedMap& m, Var const& x, Index t) {
    dispatch(x.dtype(), [&](auto type) {
        auto const all = x.value<decltype(type)>();
        auto it        = all.template begin<xt::layout_type::row_major>();
        for (Index row = 0; row < m.sequences * m.units; ++row, ++it)
            m.values[static_cast<std::size_t>(row * m.steps + t)] = static_cast<double>(*it);
    });
}

void find_range(RecordedMap& m) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (double v : m.values)
        if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    m.low = low <= high ? low : 0, m.high = low <= high ? high : 0;
}

std::vector<RecordedMap> maps_of(Recorder const& recorder, Where where) {
    std::vector<RecordedMap> out;
    for (auto const& name : recorder.names()) {
        if (!recorder.in_every_step(name)) continue;
        auto const steps = recorder.steps(name, where);
        Shape const& s   = steps.front().shape();
        bool const alike = std::all_of(steps.begin(), steps.end(), [&](Var const& x) { return x.shape() == s; });
        if (s.rank() < 2 || count(s) == 0 || !alike) continue;
        RecordedMap m{name, std::ssize(steps), s[0], count(s) / s[0], {}, 0, 0};
        m.values.resize(static_cast<std::size_t>(m.sequences * m.units * m.steps));
        for (Index t = 0; t < m.steps; ++t) copy_step(m, steps[static_cast<std::size_t>(t)], t);
        find_range(m);
        out.push_back(std::move(m));
    }
    return out;
}

std::vector<StatesInTime> states_of(Recorder const& recorder, std::vector<std::string> const& parts, Where where) {
    std::vector<StatesInTime> out;
    for (auto const& part : parts)
        for (auto const& name : recorder.in_layers(part))
            if (recorder.in_every_step(name)) out.push_back({name, recorder.steps(name, where)});
    return out;
}

// ---- what to think of it --------------------------------------------------------------------------------------------

/// Units that are 0 in each step of each sequence.
std::vector<Index> dead_units(RecordedMap const& m) {
    std::vector<Index> out;
    for (Index u = 0; u < m.units; ++u) {
        bool dead = true;
        for (Index b = 0; b < m.sequences && dead; ++b) {
            auto const row = m.values.begin() + (b * m.units + u) * m.steps;
            dead           = std::all_of(row, row + m.steps, [](double v) { return v == 0; });
        }
        if (dead) out.push_back(u);
    }
    return out;
}

void add_dead(std::vector<Finding>& out, RecordedMap const& m) {
    constexpr std::size_t most_named = 12;
    auto const dead                  = dead_units(m);
    if (dead.empty()) return;
    auto const named = std::span(dead).first(std::min(dead.size(), most_named));
    out.push_back({m.name, "dead",
                   fmt::format("{} of {} units are 0 in each step of each sequence: {}{}", dead.size(), m.units,
                               fmt::join(named, ", "), dead.size() > most_named ? " …" : "")});
}

Finding finding_of(GateSaturation const& g, SaturationOptions const& o) {
    return {g.name, "saturated",
            fmt::format("{:.3g} % below {}, {:.3g} % above {}", 100 * g.shut, o.low, 100 * g.open, o.high)};
}

/// Of gates, and of states that a tanh bounds.
void add_saturated(std::vector<Finding>& out, Recorder const& recorder, std::vector<RecordedMap> const& maps,
                   TrainingProbe const& probe, Where where) {
    auto const judge = [&](Saturation const& s) {
        for (auto const& g : s.gates)
            if (g.shut + g.open >= probe.saturated) out.push_back(finding_of(g, s.options));
    };
    try {
        judge(saturation(recorder, {}, probe.gates, where));
    } catch (NameError const&) {}  // there are no gates
    for (RecordedMap const& m : maps)
        if ((m.name == "h" || m.name.ends_with(".h")) && m.low < 0 && m.low >= -1 && m.high <= 1)
            judge(saturation(recorder, {m.name}, {-0.9, 0.9}, where));
}

std::vector<Finding> findings_of(ProbeResult const& r, Recorder const& recorder, TrainingProbe const& probe,
                                 Where where) {
    std::vector<Finding> out, fine;
    for (auto const& l : r.flow.layers) {
        std::string const what = text(l.decay.verdict), whole = text(l.decay, r.flow.options);
        auto const colon = whole.find(": ");
        auto& list       = l.decay.verdict == Verdict::healthy ? fine : out;
        list.push_back({l.name, what, colon == whole.npos ? "" : whole.substr(colon + 2)});
    }
    add_saturated(out, recorder, r.maps, probe, where);
    for (RecordedMap const& m : r.maps) add_dead(out, m);
    out.insert(out.end(), fine.begin(), fine.end());
    return out;
}

// ---- as JSON --------------------------------------------------------------------------------------------------------

std::string row_text(RecordedMap const& m, Index sequence, Index unit, Index steps, double low, double high) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    auto const row = m.values.begin() + (sequence * m.units + unit) * m.steps;
    for (Index t = 0; t < steps; ++t) {
        double const v = row[t], part = high > low ? std::clamp((v - low) / (high - low), 0.0, 1.0) : 0;
        auto const level = static_cast<std::size_t>(std::isfinite(v) ? std::lround(254 * part) : 255);
        out += digits[level / 16], out += digits[level % 16];
    }
    return out;
}

/// Gates are shown from 0 to 1, what has both signs evenly on both sides of 0.
std::pair<double, double> shown_range(RecordedMap const& m) {
    if (m.low >= 0 && m.high <= 1) return {0, 1};
    if (m.low >= 0) return {0, m.high};
    double const most = std::max(-m.low, m.high);
    return {-std::max(most, most <= 1 ? 1.0 : 0.0), std::max(most, most <= 1 ? 1.0 : 0.0)};
}

std::vector<std::string> shown_tokens(std::vector<std::string> const& all) {
    std::vector<std::string> out;
    for (auto const& token : std::span(all).first(std::min(all.size(), static_cast<std::size_t>(most_steps))))
        out.push_back(utf8::one_line(token, most_of_token));
    return out;
}

std::string map_json(RecordedMap const& m, Index sequence, Index steps, Index every) {
    auto const [low, high] = shown_range(m);
    std::vector<std::string> rows;
    for (Index u = 0; u < m.units; u += every) rows.push_back('"' + row_text(m, sequence, u, steps, low, high) + '"');
    return fmt::format("{{\"name\":{},\"low\":{},\"high\":{},\"every\":{},\"rows\":[{}]}}", json_text(m.name),
                       json_number(low, 6), json_number(high, 6), every, fmt::join(rows, ","));
}

}  // namespace

ProbeResult look_inside(TrainingProbe const& probe, Dtype dtype, Where where, SeenLoss const& seen) {
    Tape tape(dtype);
    Recorder recorder;
    Var const loss    = probe.loss(tape, recorder);
    Gradients const g = backward(loss, Keep::all, where);
    ProbeResult out{
        gradient_flow(g, states_of(recorder, probe.states, where), probe.decay, where), {}, maps_of(recorder, where)};
    if (seen) seen(loss, g);
    out.findings = findings_of(out, recorder, probe, where);
    return out;
}

std::string flow_json(GradientFlow const& flow) {
    std::vector<std::string> layers;
    for (auto const& l : flow.layers) {
        Index const n = std::ssize(l.norms), every = (n + most_columns - 1) / most_columns;
        std::vector<double> some;
        for (Index t = 0; t < n; t += every) some.push_back(l.norms[static_cast<std::size_t>(t)]);
        layers.push_back(
            fmt::format("{{\"name\":{},\"every\":{},\"norms\":{}}}", json_text(l.name), every, json_numbers(some, 3)));
    }
    return fmt::format("[{}]", fmt::join(layers, ","));
}

std::string findings_json(std::vector<Finding> const& all) {
    std::vector<std::string> out;
    for (auto const& f : all)
        out.push_back(
            fmt::format("{{\"of\":{},\"what\":{},\"why\":{}}}", json_text(f.of), json_text(f.what), json_text(f.why)));
    return fmt::format("[{}]", fmt::join(out, ","));
}

std::string maps_json(std::vector<RecordedMap> const& all, std::vector<std::vector<std::string>> const& tokens) {
    auto const maps = std::span(all).first(std::min(all.size(), static_cast<std::size_t>(most_maps)));
    Index sequences = 0, cells = 0;
    for (auto const& m : maps) {
        sequences = std::max(sequences, std::min(m.sequences, most_sequences));
        cells += std::min(m.sequences, most_sequences) * m.units * std::min(m.steps, most_steps);
    }
    Index const every = std::max<Index>(1, (cells + most_cells - 1) / most_cells);
    std::vector<std::string> out;
    for (Index b = 0; b < sequences; ++b) {
        std::vector<std::string> words, texts;
        if (b < std::ssize(tokens)) words = shown_tokens(tokens[static_cast<std::size_t>(b)]);
        for (auto const& m : maps) {
            Index const steps = std::min(words.empty() ? m.steps : std::min(m.steps, std::ssize(words)), most_steps);
            if (b < m.sequences) texts.push_back(map_json(m, b, steps, every));
        }
        out.push_back(fmt::format("{{\"tokens\":{},\"maps\":[{}]}}", json_texts(words), fmt::join(texts, ",")));
    }
    return fmt::format("[{}]", fmt::join(out, ","));
}

}  // namespace unspool::core
