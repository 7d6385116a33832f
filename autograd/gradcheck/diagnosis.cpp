// Compares recordings of one function.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <optional>
#include <unspool/autograd/gradcheck/diagnosis.hpp>
#include <unspool/autograd/gradcheck/node_check.hpp>

namespace unspool::core {

namespace {

using Culprit = GradReport::Culprit;

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(Numbers const& a, Numbers const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return same(x, y); });
}

std::string infinity_or_nan(double x) { return std::isnan(x) ? "nan" : x < 0 ? "-inf" : "inf"; }

/// The first node whose slopes at both sides differ, however near one looks.
std::optional<NodeId> first_kink(Snapshot const& here, std::array<Snapshot, 4> const& beside, double step) {
    for (auto& s : beside)
        if (s.kinds != here.kinds) return {};
    for (std::size_t id = 0; id < here.values.size(); ++id) {
        Stencil const narrow{&here.values[id],
                             {beside[1].values[id], beside[1].values[id], beside[2].values[id], beside[2].values[id]},
                             {-step, -step, step, step}};
        Stencil const wide{&here.values[id],
                           {beside[0].values[id], beside[0].values[id], beside[3].values[id], beside[3].values[id]},
                           {-10 * step, -10 * step, 10 * step, 10 * step}};
        for (std::size_t i = 0; i < here.values[id].size(); ++i) {
            FiniteDifference const fine = narrow.slope(i), coarse = wide.slope(i);
            if (fine.gap > coarse.gap / 2 && fine.gap > 1e-9 + 4 * fine.noise) return static_cast<NodeId>(id);
        }
    }
    return {};
}

}  // namespace

std::string Diagnosis::nondeterminism(Numbers const& a, Numbers const& b) {
    if (a.size() != b.size())
        return fmt::format("the function is not deterministic: its result has {} elements, then {}", a.size(),
                           b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!same(a[i], b[i]))
            return fmt::format("the function is not deterministic: element {} of its result is {:.17g}, then {:.17g}",
                               i, a[i], b[i]);
    return "";
}

std::string Diagnosis::nondeterminism(std::vector<Numbers> const& a, std::vector<Numbers> const& b) const {
    for (std::size_t p = 0; p < a.size(); ++p)
        for (std::size_t i = 0; i < a[p].size(); ++i)
            if (!same(a[p][i], b[p][i]))
                return fmt::format("the gradients are not deterministic: by {}{}, {:.17g}, then {:.17g}",
                                   f_.points()[p].name, place(f_.points()[p].shape, static_cast<Index>(i)), a[p][i],
                                   b[p][i]);
    return "";
}

void Diagnosis::name_what_differs(GradReport& report) {
    if (f_.points().empty()) return;
    Apart const apart(f_);
    Snapshot const once = f_.snapshot(), again = f_.snapshot();
    for (std::size_t id = 0; id < std::min(once.values.size(), again.values.size()); ++id)
        if (once.kinds[id] != again.kinds[id] || !same(once.values[id], again.values[id]))
            return report.culprits.push_back(
                culprit(f_.tape(), static_cast<NodeId>(id), "the first value that differs between two runs"));
}

void Diagnosis::require_finite(Numbers const& result, GradReport& report) {
    auto const bad = std::find_if(result.begin(), result.end(), [](double y) { return !std::isfinite(y); });
    if (bad == result.end()) return;
    report.problem = fmt::format("element {} of the result is {}", bad - result.begin(), infinity_or_nan(*bad));
    Apart const apart(f_);
    Snapshot const here = f_.snapshot();
    for (std::size_t id = 0; id < here.values.size(); ++id)
        for (std::size_t i = 0; i < here.values[id].size(); ++i)
            if (double const v = here.values[id][i]; !std::isfinite(v)) {
                report.culprits.push_back(
                    culprit(f_.tape(), static_cast<NodeId>(id),
                            fmt::format("the first value that is not finite: {}", infinity_or_nan(v))));
                report.culprits.back().at =
                    place(f_.tape()[static_cast<NodeId>(id)].value.shape, static_cast<Index>(i));
                return;
            }
}

void Diagnosis::require_plain_value(Numbers const& result, GradReport& report) {
    Numbers const plain  = f_.plain_result();
    double const largest = std::transform_reduce(
        result.begin(), result.end(), 0.0, [](double a, double b) { return std::max(a, b); },
        [](double y) { return std::abs(y); });
    auto const differs = [&](double a, double b) {
        return !(std::abs(a - b) <=
                 options_.relative * std::max(std::abs(a), std::abs(b)) + options_.absolute * largest);
    };
    auto const [a, b] = std::mismatch(result.begin(), result.end(), plain.begin(), plain.end(), std::not_fn(differs));
    if (a == result.end() && b == plain.end()) return;
    if (plain.size() == result.size() && std::abs(*a - *b) <= options_.absolute * largest_value())
        return;  // all but cancelled
    report.problem =
        plain.size() != result.size()
            ? fmt::format("the result has {} elements, and {} with Tape::mechanisms off", result.size(), plain.size())
            : fmt::format("element {} of the result is {:.9g}, and {:.9g} with Tape::mechanisms off: a mistake of the "
                          "engine, or "
                          "rounding alone changes the function",
                          a - result.begin(), *a, *b);
    name_what_is_not_plain(report);
}

namespace {

/// The nodes but for copies, of which a plain recording has others.
std::vector<NodeId> without_copies(Tape const& tape) {
    std::vector<NodeId> out;
    for (NodeId id = 0; id < tape.size(); ++id)
        if (Rule const* r = tape[id].rule; !r || (r->name() != "view" && r->name() != "copy")) out.push_back(id);
    return out;
}

}  // namespace

void Diagnosis::name_what_is_not_plain(GradReport& report) {
    Snapshot const plain               = f_.plain_snapshot();
    std::vector<NodeId> const in_plain = without_copies(f_.tape());
    Apart const apart(f_);
    Mechanisms each = f_.mechanisms();
    each.fuse       = false;
    f_.together(each);
    Snapshot const here               = f_.snapshot();
    std::vector<NodeId> const in_here = without_copies(f_.tape());
    if (in_here.size() != in_plain.size()) return;
    auto const close = [&](double a, double b) { return std::abs(a - b) <= 1e-6 * std::max(1.0, std::abs(b)); };
    for (std::size_t i = 0; i < in_here.size(); ++i) {
        Numbers const &a = here.values[in_here[i]], &b = plain.values[in_plain[i]];
        if (!std::equal(a.begin(), a.end(), b.begin(), b.end(), close))
            return report.culprits.push_back(
                culprit(f_.tape(), in_here[i], "the first value that is another with Tape::mechanisms off"));
    }
}

void Diagnosis::locate_edge(GradReport& report, Line const& line, Judgement const& j) {
    if (report.unjudged.size() >= located) return;
    GradReport::Kink out{line.point->name,
                         line.at,
                         {},
                         false,
                         fmt::format("cannot be resolved: {} ({:.3g}, and by differences {}); another `.step` may tell",
                                     j.remark, j.backward, j.seen)};
    Apart const apart(f_);
    for (double const h : {-j.step, j.step}) {
        Snapshot const beside = f_.snapshot_at(line, h);
        auto const bad        = std::find_if(beside.values.begin(), beside.values.end(), [](Numbers const& v) {
            return std::any_of(v.begin(), v.end(), [](double x) { return !std::isfinite(x); });
        });
        if (bad != beside.values.end() && out.site.node == no_node)
            out.site = site_of(f_.tape(), static_cast<NodeId>(bad - beside.values.begin()));
    }
    report.unjudged.push_back(std::move(out));
}

double Diagnosis::largest_value() {
    Apart const apart(f_);
    double out = 0;
    for (Numbers const& v : f_.snapshot().values)
        for (double x : v) out = std::isfinite(x) ? std::max(out, std::abs(x)) : out;
    return out;
}

void Diagnosis::locate_kink(GradReport& report, Line const& line, Judgement const& j) {
    if (report.skipped.size() >= located) return;
    double const step = j.step;
    GradReport::Kink kink{
        line.point->name, line.at, {}, false, j.verdict == Agreement::jump ? "the function jumps" : "kink"};
    Apart const apart(f_);
    std::array const beside{f_.snapshot_at(line, -10 * step), f_.snapshot_at(line, -step), f_.snapshot_at(line, step),
                            f_.snapshot_at(line, 10 * step)};
    Snapshot const here = f_.snapshot();
    kink.branch         = beside[1].kinds != here.kinds || beside[2].kinds != here.kinds;
    if (auto const id = first_kink(here, beside, step)) kink.site = site_of(f_.tape(), *id);
    if (kink.branch) {
        kink.why             = "the program takes another path beside it";
        auto const& other    = beside[1].kinds != here.kinds ? beside[1].kinds : beside[2].kinds;
        std::size_t const id = static_cast<std::size_t>(
            std::mismatch(here.kinds.begin(), here.kinds.end(), other.begin(), other.end()).first - here.kinds.begin());
        if (id < here.kinds.size()) kink.site = site_of(f_.tape(), static_cast<NodeId>(id));
    }
    report.skipped.push_back(std::move(kink));
}

int Diagnosis::same_branch(Line const& line, double step) {
    Apart const apart(f_);
    auto const here  = f_.snapshot().kinds;
    bool const below = f_.snapshot_at(line, -step).kinds == here, above = f_.snapshot_at(line, step).kinds == here;
    return below == above ? 0 : below ? -1 : 1;
}

}  // namespace unspool::core
