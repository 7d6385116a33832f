// Where the gradients are compared with slopes, and the judgement of each.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <unspool/autograd/gradcheck.hpp>
#include <unspool/autograd/label.hpp>
#include <unspool/autograd/random.hpp>
#include <unspool/autograd/slope.hpp>

namespace unspool {

namespace {

enum class Verdict { right, wrong, kink, not_finite };

/// One check: the function and all that stays the same from element to element.
class Check {
public:
    Check(Probed& f, GradcheckOptions const& options) : f_(f), options_(options), random_(options.seed) {}

    GradReport run() {
        GradReport report;
        here_          = f_.result();
        report.problem = f_.points().empty() ? "there is nothing to differentiate by" : difference(here_, f_.result());
        for (std::size_t i = 0; i < here_.size() && report.problem.empty(); ++i)
            if (!std::isfinite(here_[i])) report.problem = fmt::format("element {} of the result is {}", i, here_[i]);
        if (!report.problem.empty()) return report;
        weights_   = weights_for(here_.size());
        gradients_ = f_.gradients(f_.record(), weights_);
        for (std::size_t p = 0; p < gradients_.size(); ++p) report.inputs.push_back(check(f_.points()[p], gradients_[p]));
        if (worst_) report.culprit = culprit(*worst_);
        return report;
    }

private:
    /// ±[0.5, 1.5): no two alike, none near zero, so that nothing cancels.
    double signed_weight() { return (random_.uniform() < 0.5 ? -1 : 1) * random_.uniform(0.5, 1.5); }

    static std::string difference(Numbers const& a, Numbers const& b) {
        if (a.size() != b.size())
            return fmt::format("the function is not deterministic: its result has {} elements, then {}", a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))))
                return fmt::format("the function is not deterministic: element {} of its result is {:.17g}, then {:.17g}", i, a[i], b[i]);
        return "";
    }

    // ---- where to look ----

    std::vector<Line> lines(Point& p) {
        if (p.size() == 0) return {};
        return options_.directions > 0 ? directions(p) : elements(p);
    }
    std::vector<Line> directions(Point& p) {
        std::vector<Line> out;
        for (int d = 0; d < options_.directions; ++d) {
            out.push_back({&p, fmt::format(" direction {}", d), 0, Numbers(p.given.size())});
            for (double& v : out.back().direction) v = signed_weight();
        }
        return out;
    }
    std::vector<Line> elements(Point& p) {
        std::vector<std::size_t> order(p.given.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::size_t const n = std::min(order.size(), static_cast<std::size_t>(options_.max_elements));
        for (std::size_t i = 0; n < order.size() && i < n; ++i)  // the first n of a shuffle
            std::swap(order[i], order[i + random_.below(order.size() - i)]);
        std::vector<Line> out;
        for (std::size_t i = 0; i < n; ++i) out.push_back({&p, place(p.shape, order[i]), order[i], {}});
        return out;
    }
    static std::string place(Shape const& shape, std::size_t element) {
        Shape at   = shape;
        Index left = static_cast<Index>(element);
        for (std::size_t a = shape.size(); a-- > 0; left /= shape[a]) at[a] = left % shape[a];
        return shape.empty() ? "" : text(at);
    }

    // ---- one input ----

    GradReport::Input check(Point& p, Numbers const& gradient) {
        GradReport::Input out;
        out.name = p.name, out.shape = p.shape;
        for (Line const& line : lines(p)) {
            GradReport::Place place;
            place.at = line.at, place.backward = line.dot(gradient);
            Verdict const v = judge(line, place);
            if (v == Verdict::kink) {
                ++out.kinks;
                continue;
            }
            bool const wrong = v != Verdict::right;
            if (out.checked == 0 || place.error > out.worst.error) out.worst = place;
            if (wrong && (!worst_ || place.error > worst_error_)) worst_ = line, worst_error_ = place.error;
            out.wrong += wrong, ++out.checked;
        }
        if (out.checked == 0 && out.kinks > 0) out.problem = "nothing was checked: the function has kinks at all of it";
        return out;
    }

    double tolerance(double a, double b, double noise) const {
        return std::max(options_.relative * std::max(std::abs(a), std::abs(b)), options_.absolute + noise);
    }
    bool   close(double a, Slope const& s) const { return std::abs(a - s.central) <= tolerance(a, s.central, s.noise); }
    double relative_error(double a, Slope const& s) const {
        if (!std::isfinite(a) || !s.finite()) return std::numeric_limits<double>::infinity();
        return std::abs(a - s.central) / (tolerance(a, s.central, s.noise) / options_.relative);
    }

    /// The slopes at both sides differ, no matter how near one looks, and the backward value is between them.
    bool kink(double backward, Slope const& coarse, Slope const& fine) const {
        bool const persists = fine.finite() && fine.gap > coarse.gap / 2 && fine.gap > options_.absolute + 4 * fine.noise;
        return persists && std::abs(backward - fine.central) <= fine.gap / 2 + tolerance(backward, fine.central, fine.noise);
    }

    /// Is the backward value right?  Where it differs, the step shrinks for as long as the slope changes with it: then a
    /// kink, a pole or the end of the domain is near.
    Verdict judge(Line const& line, GradReport::Place& place) {
        double step = options_.step * line.unit();
        Slope  s    = slope_along(line, step);
        auto   as   = [&](Verdict v, Slope const& found, char const* remark = "") {
            place.numeric = found.central, place.error = relative_error(place.backward, found), place.remark = remark;
            return v;
        };
        if (!std::isfinite(place.backward)) return as(Verdict::not_finite, s, "the backward value is not finite");
        for (int finer = 3; finer-- > 0 && !close(place.backward, s);) {
            Slope const fine    = slope_along(line, step /= 10);
            bool const  settled = close(s.central, fine);
            if ((settled || finer == 0) && kink(place.backward, s, fine)) return as(Verdict::kink, fine);
            if (settled) return as(Verdict::wrong, s);
            s = fine;
        }
        if (!s.finite()) return as(Verdict::not_finite, s, "the function is not finite beside it");
        return as(close(place.backward, s) ? Verdict::right : Verdict::wrong, s);
    }

    Slope slope_along(Line const& line, double step) {
        double const  back   = line.move(-step);
        Numbers const before = f_.result();
        double const  ahead  = line.move(step);
        Numbers const behind = f_.result();
        line.point->restore();
        if (before.size() != here_.size() || behind.size() != here_.size())
            throw ShapeError("gradcheck: the shape of the function's result depends on its inputs' values");
        return slope(weights_, before, here_, behind, back, ahead);
    }

    // ---- who is to blame ----

    /// The first node whose value does not move along the line as its gradient says.
    std::string culprit(Line const& line) {
        constexpr std::size_t many   = 10'000;  // each costs a sweep
        double const          step   = options_.step * line.unit();
        double const          back   = line.move(-step);
        auto const            before = f_.nodes();
        double const          ahead  = line.move(step);
        auto const            behind = f_.nodes();
        line.point->restore();
        auto const here = f_.nodes();
        for (std::size_t id = 0; id < std::min({here.size(), before.size(), behind.size(), many}); ++id) {
            Node const& node = f_.tape()[static_cast<NodeId>(id)];
            if (!node.rule || before[id].size() != here[id].size() || behind[id].size() != here[id].size()) continue;
            Numbers const weights = weights_for(here[id].size());
            if (!close(backward_along(line, node, weights), slope(weights, before[id], here[id], behind[id], back, ahead)))
                return describe(node);
        }
        return "";
    }
    double backward_along(Line const& line, Node const& node, Numbers const& weights) {
        auto const point = static_cast<std::size_t>(line.point - f_.points().data());
        return line.dot(f_.gradients(Var(f_.tape(), node.value), weights)[point]);
    }
    Numbers weights_for(std::size_t n) {
        Numbers out(n);
        for (double& w : out) w = signed_weight();
        return out;
    }
    std::string describe(Node const& node) {
        std::vector<std::string> operands;
        for (Window const* w : node.operands) operands.push_back(label(f_.tape(), *w));
        std::string module, step;
        for (ScopeRecord const* s = node.scope; s; s = s->parent) {
            if (!s->name.empty()) module = std::string(s->name) + (module.empty() ? "" : ".") + module;
            else if (step.empty()) step = fmt::format(", time step {}", s->step);
        }
        return fmt::format("{} = {}    {}{}{}{}", label(f_.tape(), node.value), node.rule->formula(node, operands), text(node.value.where),
                           module.empty() ? "" : ", in ", module, step);
    }

    Probed&                 f_;
    GradcheckOptions const& options_;
    Random                  random_;
    Numbers                 here_, weights_;
    std::vector<Numbers>    gradients_;
    std::optional<Line>     worst_;
    double                  worst_error_ = 0;
};

}  // namespace

GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, GradcheckOptions const& options) {
    Probed function(f, inputs, nullptr);
    return Check(function, options).run();
}

GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, Params const& params, GradcheckOptions const& options) {
    Probed function(f, inputs, &params);
    return Check(function, options).run();
}

}  // namespace unspool
