// Prints the report of a gradient check.
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/error.hpp>
#include <unspool/autograd/gradcheck.hpp>

namespace unspool {

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

GradReport::Input const* GradReport::worst() const {
    auto const it =
        std::max_element(inputs.begin(), inputs.end(), [](Input const& a, Input const& b) { return a.worst.error < b.worst.error; });
    return it == inputs.end() ? nullptr : &*it;
}

double GradReport::worst_error() const { return worst() ? worst()->worst.error : 0; }

namespace {

using Cells = std::vector<std::string>;

Cells row(GradReport::Input const& i) {
    if (i.checked == 0) return {i.name, text(i.shape), "0", fmt::format("{}", i.kinks), "", "", "", "", i.problem};
    GradReport::Place const& w       = i.worst;
    std::string const        verdict = i.wrong > 0 ? fmt::format("{} WRONG{}{}", i.wrong, w.remark.empty() ? "" : ": ", w.remark) : "";
    return {i.name,
            text(i.shape),
            fmt::format("{}", i.checked),
            fmt::format("{}", i.kinks),
            fmt::format("{:.1e}", w.error),
            w.at,
            fmt::format("{:.7g}", w.backward),
            fmt::format("{:.7g}", w.numeric),
            verdict};
}

std::string aligned(std::vector<Cells> const& rows) {
    std::vector<std::size_t> width(rows[0].size());
    for (Cells const& r : rows)
        for (std::size_t c = 0; c < r.size(); ++c) width[c] = std::max(width[c], columns(r[c]));
    std::string out;
    for (Cells const& r : rows) {
        std::string line = "   ";
        for (std::size_t c = 0; c < r.size(); ++c) line += fmt::format(" {:<{}} ", r[c], width[c]);
        out += "\n" + line.substr(0, line.find_last_not_of(' ') + 1);
    }
    return out;
}

std::string headline(GradReport const& r) {
    if (!r.problem.empty()) return fmt::format("gradcheck failed: {}", r.problem);
    std::string out = fmt::format("gradcheck {}: {} checked", r.passed() ? "passed" : "failed", r.checked());
    if (r.kinks() > 0) out += fmt::format(", {} skipped at kinks", r.kinks());
    if (r.checked() > 0) out += fmt::format(", worst relative error {:.1e} in {}{}", r.worst_error(), r.worst()->name, r.worst()->worst.at);
    return out;
}

}  // namespace

std::string text(GradReport const& r) {
    std::string out = headline(r);
    if (!r.culprit.empty()) out += fmt::format("\n    first wrong at  {}", r.culprit);
    std::vector<Cells> rows{{"input", "shape", "checked", "kinks", "error", "at", "backward", "numeric", ""}};
    for (GradReport::Input const& i : r.inputs) rows.push_back(row(i));
    return rows.size() > 1 ? out + aligned(rows) : out;
}

std::ostream& operator<<(std::ostream& out, GradReport const& r) { return out << text(r); }

}  // namespace unspool
