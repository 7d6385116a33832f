// Norms of gradients, by layer and time step.
#include <cmath>
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/picture/sparkline.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/data/csv.hpp>
#include <unspool/nn/diagnostics/gradient_flow.hpp>
#include <unspool/nn/files/header.hpp>

namespace unspool::core {

namespace {

/// Scaled, so that squares neither overflow nor vanish.
double norm_of(Values const& g) {
    return dispatch(g.dtype(), [&](auto t) {
        double most = 0, sum = 0;
        for (auto const v : g.value<decltype(t)>()) {
            double const x = std::abs(static_cast<double>(v));
            if (!std::isfinite(x)) return x;
            if (x > most) sum = 1 + sum * (most / x) * (most / x), most = x;
            else if (x > 0) sum += (x / most) * (x / most);
        }
        return most * std::sqrt(sum);
    });
}

std::vector<double> norms_of(Gradients const& gradients, std::vector<Var> const& states) {
    std::vector<double> out;
    for (Var const& x : states) out.push_back(x.requires_grad() ? norm_of(gradients[x]) : 0);
    return out;
}

/// A tape is append-only: what was computed first has the smaller number.
bool runs_backwards(std::vector<Var> const& states) {
    return states.front().window().node > states.back().window().node;
}

}  // namespace

GradientFlow gradient_flow(Gradients const& gradients, std::vector<StatesInTime> const& all, DecayOptions const& o,
                           Where where) {
    GradientFlow out{{}, o};
    for (auto const& [name, steps] : all) {
        if (steps.empty()) throw ValueError(fmt::format("{}: gradient_flow: {} has no steps", text(where), name));
        auto const norms   = norms_of(gradients, steps);
        bool const reverse = runs_backwards(steps);
        out.layers.push_back({name, norms, reverse, decay_of(norms, reverse, o, where)});
    }
    return out;
}

GradientFlow gradient_flow(Var const& loss, std::vector<StatesInTime> const& all, DecayOptions const& o, Where where) {
    return gradient_flow(backward(loss, Keep::all, where), all, o, where);
}

GradientFlow gradient_flow(Var const& loss, std::span<Var const> states, DecayOptions const& o, Where where) {
    return gradient_flow(loss, std::vector<StatesInTime>{{"h", {states.begin(), states.end()}}}, o, where);
}

GradientFlow gradient_flow(Var const& loss, Recorder const& recorder, std::string_view state, DecayOptions const& o,
                           Where where) {
    std::vector<StatesInTime> all;
    for (auto const& name : recorder.in_layers(state)) all.push_back({name, recorder.steps(name, where)});
    if (all.empty()) recorder.steps(state, where);  // says what there is
    return gradient_flow(loss, all, o, where);
}

GradientFlow::Layer const& GradientFlow::operator[](std::string_view name) const {
    std::vector<std::string> names;
    for (Layer const& l : layers) {
        if (l.name == name) return l;
        names.push_back(l.name);
    }
    throw NameError(fmt::format("no layer is called {}; there are: {}", shown(name), shown_list(names)));
}

std::string GradientFlow::csv() const {
    std::string out = "layer,t,norm\n";
    for (Layer const& l : layers)
        for (std::size_t t = 0; t < l.norms.size(); ++t)
            out += fmt::format("{},{},{}\n", csv_field(l.name), t, l.norms[t]);
    return out;
}

void GradientFlow::save(std::string const& path) const { write_whole(path, csv()); }

std::string text(GradientFlow const& flow) {
    std::size_t width = 0;
    for (auto const& l : flow.layers) width = std::max(width, columns(l.name));
    std::string out;
    for (auto const& l : flow.layers)
        out += fmt::format("{}{}  {}  {}\n", l.name, std::string(width - columns(l.name), ' '), sparkline(l.norms),
                           text(l.decay, flow.options));
    return out;
}

std::ostream& operator<<(std::ostream& out, GradientFlow const& flow) { return out << text(flow); }

}  // namespace unspool::core
