// Who is to blame, node by node.
#include <algorithm>
#include <functional>
#include <numeric>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/diagnosis.hpp>
#include <unspool/autograd/gradcheck/node_check.hpp>
#include <unspool/autograd/gradcheck/passed_back.hpp>

namespace unspool::core {

bool Diagnosis::blames(GradReport& report, std::vector<Line> const& lines, std::vector<Numbers> const& gradients,
                       Numbers const& weights) {
    constexpr std::size_t most = 8;
    Apart const apart(f_);
    Snapshot const here = f_.snapshot();
    bool known          = true;
    NodeCheckOptions replay{options_.step, {options_.relative, options_.absolute}, options_.seed};
    replay.proven   = &known;
    report.culprits = merged(wrong_nodes(f_.tape(), f_.reached(), replay));
    for (Line const& line : some_of(lines)) {
        if (!report.culprits.empty()) break;
        known = find_ways_around(report, line, here) && known;
    }
    if (report.culprits.empty() && known && adds_up(gradients, weights)) return false;
    if (report.culprits.empty()) report.diagnosis = diagnosis(gradients, weights);
    if (report.culprits.size() > most) report.culprits.resize(most);
    return true;
}

bool Diagnosis::names(GradReport& report, std::vector<Line> const& lines, std::vector<Numbers> const& gradients,
                      Numbers const& weights) {
    if (lines.empty() || !report.culprits.empty()) return false;
    blames(report, lines, gradients, weights);
    if (report.culprits.empty()) report.diagnosis.clear();
    return !report.culprits.empty();
}

bool Diagnosis::blames_nodes(GradReport& report) {
    Apart const apart(f_);
    f_.record();
    NodeCheckOptions const replay{options_.step, {options_.relative, options_.absolute}, options_.seed};
    report.culprits = merged(wrong_nodes(f_.tape(), f_.reached(), replay));
    return !report.culprits.empty();
}

/// The first few, and for the others, one through all elements of each input.
std::vector<Line> Diagnosis::some_of(std::vector<Line> const& lines) const {
    constexpr std::size_t most = 32;
    std::vector<Line> out(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(std::min(most, lines.size())));
    Random random(options_.seed);
    for (std::size_t k = most; k < lines.size(); ++k)
        if (Point* const p = lines[k].point; k == most || p != lines[k - 1].point)
            out.push_back({p, "", 0, random_weights(random, p->given.size())});
    return out;
}

/// Is there a place beside, to which the program takes the same path as here?
bool Diagnosis::find_ways_around(GradReport& report, Line const& line, Snapshot const& here) {
    double const widest = options_.step * line.unit();
    Snapshot moved      = f_.snapshot_at(line, widest);
    for (double h : {-1., 1e-3, -1e-3, 1e-6, -1e-6})
        if (moved.kinds != here.kinds) moved = f_.snapshot_at(line, h * widest);
    bool const same = moved.kinds == here.kinds;
    f_.record();
    report.culprits = merged(unrecorded(f_.tape(), here, moved));
    if (!report.culprits.empty())
        report.diagnosis =
            "each node is right by itself, but the result depends on the inputs by ways that the tape did not record";
    return same;
}

bool Diagnosis::adds_up(std::vector<Numbers> const& gradients, Numbers const& weights) {
    f_.record();
    if (!f_.last().requires_grad()) return false;  // then the result itself is the way
    auto const adjoints = adjoints_one_by_one(f_.tape(), f_.last().window(), weights);
    auto const size     = [](double a, Numbers const& g) {
        return std::accumulate(g.begin(), g.end(), a, [](double m, double x) { return std::max(m, std::abs(x)); });
    };
    double const largest = std::accumulate(adjoints.begin(), adjoints.end(), 0.0, size);
    for (std::size_t p = 0; p < gradients.size(); ++p) {
        Numbers sum(gradients[p].size(), 0);
        for (NodeId id : f_.nodes_of(f_.points()[p]))
            std::transform(adjoints[id].begin(), adjoints[id].end(), sum.begin(), sum.begin(), std::plus<>());
        for (std::size_t i = 0; i < sum.size(); ++i)
            if (!(std::abs(sum[i] - gradients[p][i]) <= options_.relative * std::abs(sum[i]) + rounding * largest))
                return false;
    }
    return true;
}

std::string Diagnosis::diagnosis(std::vector<Numbers> const& gradients, Numbers const& weights) {
    if (changes_without_mechanisms(gradients, weights))
        return "each node is right by itself, and the gradients change if Tape::mechanisms are off: a mistake of the "
               "engine";
    return "each node is right by itself, and no way around the tape was found: the function may write to what it "
           "reads, or the engine is "
           "wrong";
}

bool Diagnosis::changes_without_mechanisms(std::vector<Numbers> const& gradients, Numbers const& weights) {
    auto const without = f_.gradients(f_.record(), weights);
    for (std::size_t p = 0; p < gradients.size(); ++p)
        for (std::size_t i = 0; i < gradients[p].size(); ++i) {
            double const a = gradients[p][i], b = without[p][i];
            if (std::abs(a - b) > options_.absolute + options_.relative * std::max(std::abs(a), std::abs(b)))
                return true;
        }
    return false;
}

}  // namespace unspool::core
