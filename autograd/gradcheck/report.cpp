// Prints the report of a gradient check.
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/report.hpp>
#include <unspool/autograd/text/elided.hpp>

namespace unspool::core {

bool GradReport::passed() const {
    return problem.empty() && std::all_of(inputs.begin(), inputs.end(), [](Input const& i) { return i.passed(); });
}

Index GradReport::checked() const {
    Index n = 0;
    for (Input const& i : inputs) n += i.checked;
    return n;
}

Index GradReport::kinks() const {
    Index n = 0;
    for (Input const& i : inputs) n += i.kinks;
    return n;
}

Index GradReport::unresolved() const {
    Index n = 0;
    for (Input const& i : inputs) n += i.unresolved;
    return n;
}

GradReport::Input const* GradReport::worst() const {
    Input const* out = nullptr;
    for (Input const& i : inputs)
        if (i.checked > 0 && (!out || i.worst.error > out->worst.error)) out = &i;
    return out || inputs.empty() ? out : &inputs[0];
}

double GradReport::worst_error() const { return worst() ? worst()->worst.error : 0; }

Graph GradReport::graph() const {
    if (!tape) throw TapeError("this gradient check recorded nothing: there is nothing to draw");
    std::vector<NodeId> marked;
    for (Culprit const& c : culprits) marked.push_back(c.site.node);
    return Graph(tape->last()).mark(std::move(marked)).keep_alive(tape);
}

namespace {

using Cells = std::vector<std::string>;

std::string verdict(GradReport::Input const& i) {
    std::string out;
    if (i.wrong > 0) out = fmt::format("{} WRONG{}{}", i.wrong, i.worst.remark.empty() ? "" : ": ", i.worst.remark);
    if (i.unresolved > 0) out += fmt::format("{}{} unresolved", out.empty() ? "" : ", ", i.unresolved);
    return i.problem.empty() ? out : i.problem;
}

Cells row(GradReport::Input const& i) {
    GradReport::Place const& w = i.worst;
    std::string const name     = elided(i.name, longest_name);
    if (i.checked + i.unresolved == 0)
        return {name, text(i.shape), "0", fmt::format("{}", i.kinks), "", "", "", "", "", verdict(i)};
    return {name,
            text(i.shape),
            fmt::format("{}", i.checked),
            fmt::format("{}", i.kinks),
            fmt::format("{:.1e}", w.error),
            w.at,
            w.result.empty() ? "sum" : w.result,
            fmt::format("{:.7g}", w.backward),
            fmt::format("{:.7g}", w.numeric),
            verdict(i)};
}

/// Of many, those that failed before others.
std::vector<GradReport::Input const*> to_list(std::vector<GradReport::Input> const& inputs) {
    constexpr std::size_t most = 50;
    std::vector<GradReport::Input const*> out;
    for (GradReport::Input const& i : inputs) out.push_back(&i);
    if (out.size() > most)
        std::stable_partition(out.begin(), out.end(), [](GradReport::Input const* i) { return !i->passed(); });
    out.resize(std::min(out.size(), most));
    return out;
}

std::string table(std::vector<GradReport::Input> const& inputs) {
    std::vector<Cells> rows{{"input", "shape", "checked", "kinks", "error", "at", "result", "backward", "numeric", ""}};
    auto const listed = to_list(inputs);
    for (GradReport::Input const* i : listed) rows.push_back(row(*i));
    std::vector<std::size_t> width(rows[0].size());
    for (Cells const& r : rows)
        for (std::size_t c = 0; c < r.size(); ++c) width[c] = std::max(width[c], columns(r[c]));
    std::string out;
    for (Cells const& r : rows) {
        std::string line = "   ";
        for (std::size_t c = 0; c < r.size(); ++c) line += " " + r[c] + std::string(width[c] - columns(r[c]) + 1, ' ');
        out += "\n" + line.substr(0, line.find_last_not_of(' ') + 1);
    }
    if (listed.size() < inputs.size()) out += fmt::format("\n    and {} more inputs", inputs.size() - listed.size());
    return inputs.empty() ? "" : out;
}

std::string headline(GradReport const& r) {
    if (!r.problem.empty()) return fmt::format("gradcheck failed: {}", r.problem);
    std::string out = fmt::format("gradcheck {}: {} checked", r.passed() ? "passed" : "failed", r.checked());
    if (r.kinks() > 0) out += fmt::format(", {} skipped at kinks", r.kinks());
    if (r.unresolved() > 0) out += fmt::format(", {} unresolved", r.unresolved());
    if (r.checked() == 0) return out;
    return out + fmt::format(", worst relative error {:.1e} in {}{}", r.worst_error(),
                             elided(r.worst()->name, longest_name), r.worst()->worst.at);
}

std::string like_it(GradReport::Culprit const& c) {
    if (c.nodes < 2) return "";
    std::string const until = c.last_step > c.site.step ? fmt::format(", up to time step {}", c.last_step) : "";
    return fmt::format("\n        and {} more node{} of this line{}", c.nodes - 1, c.nodes == 2 ? "" : "s", until);
}

std::string lines(GradReport::Culprit const& c) {
    std::string out = fmt::format("\n    {}\n        {}", text(c.site), c.what);
    if (!c.by.empty()) out += fmt::format(" by operand {} ({}){}{}", c.operand, c.by, c.at.empty() ? "" : " at ", c.at);
    else if (!c.at.empty()) out += " at " + c.at;
    if (c.backward != 0 || c.numeric != 0) out += fmt::format(": {:.7g}, should be {:.7g}", c.backward, c.numeric);
    return out + like_it(c);
}

std::string line(GradReport::Kink const& k) {
    return fmt::format("\n    skipped  {}{}: {}{}{}", elided(k.input, longest_name), k.at, k.why,
                       k.site.node == no_node ? "" : " at ", k.site.node == no_node ? "" : text(k.site));
}

std::string lines(std::vector<GradReport::Kink> const& listed, Index all) {
    constexpr std::size_t shown = 5;
    std::string out;
    for (std::size_t i = 0; i < std::min(shown, listed.size()); ++i) out += line(listed[i]);
    if (auto const n = static_cast<std::size_t>(all); n > shown)
        out += fmt::format("\n    skipped  {} more", n - shown);
    return out;
}

}  // namespace

std::string text(GradReport const& r) {
    std::string out = headline(r);
    if (!r.diagnosis.empty()) out += "\n    " + r.diagnosis;
    for (GradReport::Culprit const& c : r.culprits) out += lines(c);
    out += table(r.inputs) + lines(r.skipped, r.kinks()) + lines(r.unjudged, r.unresolved());
    for (std::string const& s : r.surrogates)
        out += "\n    around   " + s + ": its derivative is a surrogate, and is taken as it is";
    for (std::string const& w : r.warnings) out += "\n    warning: " + w;
    return out;
}

std::ostream& operator<<(std::ostream& out, GradReport const& r) { return out << text(r); }

}  // namespace unspool::core
