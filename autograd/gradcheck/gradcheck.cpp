// Where the gradients are compared with slopes, and what is made of it.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <unspool/autograd/gradcheck/cut_gradients.hpp>
#include <unspool/autograd/gradcheck/diagnosis.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/gradcheck/gradcheck_options.hpp>
#include <unspool/autograd/gradcheck/lines.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/rest.hpp>
#include <unspool/autograd/gradcheck/second_look.hpp>

namespace unspool::core {

namespace {

/// One check: the function and all that stays the same from element to element.
class Check {
public:
    Check(RecordedFunction& f, GradcheckOptions const& options)
        : f_(f)
        , options_(options)
        , tolerance_{options.relative, options.absolute}
        , random_(options.seed)
        , cut_(f, options)
        , aftermath_(f, options) {}

    GradReport run() {
        GradReport report;
        here_          = f_.first();
        report.problem = f_.points().empty() ? "there is nothing to differentiate by"
                                             : aftermath_.nondeterminism(here_, f_.result());
        if (!report.problem.empty()) aftermath_.name_what_differs(report);
        else aftermath_.require_finite(here_, report);
        if (report.problem.empty()) aftermath_.require_plain_value(here_, report);
        if (report.problem.empty()) find_gradients(report);
        if (report.problem.empty()) compare(report);
        return report;
    }

private:
    static constexpr std::size_t most_kept = 20'000'000;  // elements of a Jacobian: 160 MB

    /// By the rows of the Jacobian, and by a sum of them; the latter twice.
    void find_gradients(GradReport& report) {
        std::size_t const n = here_.size();
        weights_.all        = random_weights(random_, here_);
        if (n > 1 && static_cast<Index>(n) <= options_.max_results && n * elements() <= most_kept)
            weights_.each.assign(n, 1);
        for (double& w : weights_.each)
            w = random_.uniform() < 0.5 ? -2 : 2;  // a rule that squares an adjoint is found
        if (n > 1 && weights_.each.empty()) weigh_alike();
        Var const y = f_.record();
        for (std::size_t row = 0; row < weights_.rows(); ++row) gradients_.push_back(f_.gradients(y, weights_.of(row)));
        find_scales();
        warnings(report);
        report.problem    = aftermath_.nondeterminism(gradients_.back(), f_.gradients(f_.record(), weights_.all));
        report.surrogates = f_.surrogates().texts();
        if (report.problem.empty() && f_.surrogates().any()) compare_with_surrogates(report);
    }
    /// What counts less in the sum may be wrong by as little.
    void weigh_alike() {
        auto const little = [](double w) { return w != 0 && std::abs(w) < 0.05; };
        if (std::none_of(weights_.all.begin(), weights_.all.end(), little)) return;
        weights_.alike = random_weights(random_, here_.size());
        for (std::size_t i = 0; i < here_.size(); ++i) weights_.alike[i] *= weights_.all[i] != 0;
    }
    /// Differences know tangents alone; so these must have the gradients of what was written.
    void compare_with_surrogates(GradReport& report) {
        std::vector<Numbers> const written = f_.gradients(f_.record_as_written(), weights_.all);
        double const allowed               = options_.relative * std::max(scales_.back(), 1e-300);
        for (std::size_t p = 0; p < written.size(); ++p)
            for (std::size_t i = 0; i < written[p].size(); ++i)
                if (double const around = gradients_.back()[p][i]; !(std::abs(written[p][i] - around) <= allowed))
                    report.problem = fmt::format(
                        "the gradient by {}{} is {:.7g}, but {:.7g} where tangents stand for the "
                        "operations with surrogates",
                        f_.points()[p].name, place(f_.points()[p].shape, static_cast<Index>(i)), written[p][i], around);
    }
    /// By the largest gradient of a row, of whatever input, so that a function times 1e-9 is judged as the function is.
    void find_scales() {
        auto const larger = [](double a, double b) { return std::max(a, std::abs(b)); };
        double whole = std::accumulate(here_.begin(), here_.end(), 0.0, larger), unit = 1;
        for (Point const& p : f_.points()) unit = std::accumulate(p.given.begin(), p.given.end(), unit, larger);
        for (std::size_t row = 0; row < gradients_.size(); ++row) {
            double largest = 0;
            for (Numbers const& g : gradients_[row]) largest = std::accumulate(g.begin(), g.end(), largest, larger);
            scales_.push_back(
                scale_of(largest, (weights_.is_single(row) ? std::abs(here_[row]) : whole) * options_.step / unit));
        }
    }
    std::size_t elements() const {
        return std::accumulate(f_.points().begin(), f_.points().end(), std::size_t{0},
                               [](std::size_t n, Point const& p) { return n + p.given.size(); });
    }

    void compare(GradReport& report) {
        GradReport const before = report;
        Lines lines(options_, random_);
        cut_.begin(gradients_.back(), weights_.all);
        for (std::size_t p = 0; p < f_.points().size(); ++p)
            report.inputs.push_back(check(p, lines(f_.points()[p]), report));
        bool const blamed = !wrong_.empty() && aftermath_.blames(report, wrong_, gradients_.back(), weights_.all);
        if (!wrong_.empty() && !blamed && !weights_.alike.empty()) return compare_without_aside(report = before);
        for (std::size_t p = 0; p < report.inputs.size(); ++p) {
            if (!blamed) leave_to_rounding(report.inputs[p], seen_[p]);
            tell_what_was_not_checked(report.inputs[p], seen_[p], report);
        }
    }
    /// What large values are rounded by was taken for a mistake.
    void compare_without_aside(GradReport& report) {
        auto const row = static_cast<std::ptrdiff_t>(weights_.each.size());
        gradients_.erase(gradients_.begin() + row), scales_.erase(scales_.begin() + row);
        weights_.alike.clear(), seen_.clear(), wrong_.clear(), worst_error_ = -1;
        compare(report);
    }

    /// What is known of an input but for what the report says of it.
    struct Seen {
        double change = 0;        // the largest that a gradient stands for which could not be judged
        double off    = 0;        // the largest by which a wrong one is
        GradReport::Place right;  // the worst of those that are right
        std::vector<Line> open;   // where it could not be judged
        bool apart = false;       // though what was seen there is another thing altogether
    };
    void leave_to_rounding(GradReport::Input& i, Seen& seen) {
        if (i.wrong == 0) return;
        i.worst.remark =
            "each node is right by itself: differences see roundings, or steps too wide; another `.step` may tell";
        seen.change = std::max(seen.change, seen.off);
        i.checked -= i.wrong, i.unresolved += std::exchange(i.wrong, 0);
        if (i.checked > 0) i.worst = seen.right;
    }

    GradReport::Input check(std::size_t p, std::vector<Line> const& lines, GradReport& report) {
        GradReport::Input out;
        out.name = f_.points()[p].name, out.shape = f_.points()[p].shape;
        Seen& seen = seen_.emplace_back();
        bool told = false, faint = false;
        for (Line const& line : lines) {
            Judgement const j = judge_line(p, line);
            if (j.kink()) ++out.kinks, aftermath_.locate_kink(report, line, j);
            else if (j.unresolved()) unresolved(out, seen, report, line, j);
            else checked(out, seen, line, j);
            told  = told || (!j.unresolved() && j.verdict != Agreement::zero);
            faint = faint || (j.verdict == Agreement::zero && j.backward != 0);
        }
        if (faint && !told && out.unresolved == 0) warn_of_nothing(out, report);
        return out;
    }
    /// What the gradient stands for, or what was seen.
    static double change_of(Line const& line, Judgement const& j) {
        double const seen = std::abs(j.numeric) * j.step;
        return std::max(std::abs(j.backward) * line.unit(), std::isfinite(seen) ? seen : 0);
    }
    void checked(GradReport::Input& out, Seen& seen, Line const& line, Judgement const& j) {
        if (out.checked == out.wrong || j.error > seen.right.error)
            if (!j.wrong()) seen.right = place_of(line, j);
        if (out.checked == 0 || j.error > out.worst.error) out.worst = place_of(line, j);
        ++out.checked, out.wrong += j.wrong();
        if (!j.wrong()) return;
        double const off = std::abs(j.backward - j.numeric) * line.unit();
        seen.off         = std::max(seen.off, std::isfinite(off) ? off : std::numeric_limits<double>::infinity());
        wrong_.push_back(line);
        if (j.error > worst_error_) std::swap(wrong_.front(), wrong_.back()), worst_error_ = j.error;
    }
    void unresolved(GradReport::Input& out, Seen& seen, GradReport& report, Line const& line, Judgement const& j) {
        seen.change = std::max(seen.change, change_of(line, j)), seen.open.push_back(line);
        seen.apart  = seen.apart || j.error > 0.5;
        if (out.checked == 0 && (out.unresolved == 0 || j.error > out.worst.error)) out.worst = place_of(line, j);
        ++out.unresolved;
        aftermath_.locate_edge(report, line, j);
    }
    void tell_what_was_not_checked(GradReport::Input& i, Seen const& seen, GradReport& report) {
        auto const warn = [&](std::string what) { report.warnings.push_back(std::move(what)); };
        if (count(i.shape) == 0) warn(fmt::format("{} is empty: nothing of it was checked", i.name));
        else if (i.checked == 0 && i.unresolved == 0 && i.kinks > 0)
            warn(fmt::format(
                "{} is at kinks or jumps everywhere: its gradients were only compared with the slopes at the sides",
                i.name));
        else if (i.unresolved == 0) return;
        else if ((i.checked > 0 || i.kinks > 0) && seen.apart && report.culprits.empty() &&
                 aftermath_.blames_nodes(report))
            i.problem = fmt::format("{} of {} could not be judged, and some nodes are wrong", i.unresolved, i.name);
        else if (i.checked > 0 || i.kinks > 0) warn(fmt::format("{} of {} could not be judged", i.unresolved, i.name));
        else if (seen.change > rounding * aftermath_.largest_value() ||
                 aftermath_.names(report, seen.open, gradients_.back(), weights_.all))
            i.problem = "nothing could be judged: " + i.worst.remark;
        else warn_of_nothing(i, report);
    }
    static void warn_of_nothing(GradReport::Input const& i, GradReport& report) {
        report.warnings.push_back(
            fmt::format("the gradient by {} is zero, or hidden by rounding: nothing of it could be judged", i.name));
    }
    GradReport::Place place_of(Line const& line, Judgement const& j) const {
        bool const single = weights_.is_single(j.row);
        double const w    = weights_.single(j.row);
        return {line.at,        single ? place(f_.result_shape(), static_cast<Index>(j.row)) : "",
                j.backward / w, j.numeric / w,
                j.error,        j.remark};
    }

    Judgement judge_line(std::size_t p, Line const& line) {
        std::vector<Claim> claims;
        for (std::size_t row = 0; row < gradients_.size(); ++row)
            claims.push_back({line.dot(gradients_[row][p]), scales_[row], weights_.is_aside(row)});
        Profile const along{here_, weights_, [&](double& h) { return result_at(line, h); },
                            [&](double still, double moved) { return rest(f_, line, still, moved); }};
        Judgement j = judge(claims, steps_at(options_.step, line.unit(), line.least()), along, tolerance_);
        cut_.look_at(line, gradients_.size() - 1, scales_.back(), j);
        return j.kink() ? on_same_branch(line, along, j) : j;
    }

    Numbers result_at(Line const& line, double& h) {
        h           = line.move(h);
        Numbers out = f_.result();
        line.point->restore();
        if (out.size() != here_.size())
            throw ShapeError(
                located(f_.where(), "gradcheck: the shape of the function's result depends on its inputs' values"));
        return out;
    }

    /// Where the program takes another path at one side of a kink, the backward value has to be the slope at the other.
    Judgement on_same_branch(Line const& line, Profile const& along, Judgement j) {
        int const side = aftermath_.same_branch(line, j.step);
        if (side == 0) return j;
        Stencil const s = along.stencil(j.step);
        Numbers const w = weights_.of(j.row);
        double numeric  = 0;
        for (std::size_t i = 0; i < here_.size(); ++i) numeric += w[i] * s.one_sided(i, side);
        double const roughly = 1e-3 * std::max(std::abs(numeric), std::abs(j.backward)) + 1e-6 * scales_[j.row];
        if (std::abs(numeric - j.backward) <= roughly) return j;
        j.verdict = Agreement::wrong, j.numeric = numeric, j.error = relative_error(numeric, j.backward);
        j.remark = "the slope of the branch that was taken is another";
        return j;
    }

    void warnings(GradReport& report) const {
        auto const zero = [](Numbers const& g) {
            return std::all_of(g.begin(), g.end(), [](double x) { return x == 0; });
        };
        auto const reached = f_.reached();
        for (std::size_t p = 0; p < f_.points().size(); ++p) {
            Point const& point = f_.points()[p];
            auto const nodes   = f_.nodes_of(point);
            bool const used    = std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return reached[id]; });
            bool const flat =
                std::all_of(gradients_.begin(), gradients_.end(), [&](auto const& g) { return zero(g[p]); });
            if (point.size() == 0 || !flat) continue;
            report.warnings.push_back(used ? fmt::format("the gradient by {} is zero everywhere", point.name)
                                           : fmt::format("the result does not depend on {}", point.name));
        }
    }

    RecordedFunction& f_;
    GradcheckOptions const& options_;
    Tolerance tolerance_;
    Random random_;
    CutGradients cut_;
    Diagnosis aftermath_;
    Numbers here_;
    Weights weights_;
    std::vector<std::vector<Numbers>> gradients_;  // by row, and by point
    Numbers scales_;                               // by row
    std::vector<Seen> seen_;                       // by input
    std::vector<Line> wrong_;                      // the worst before all others
    double worst_error_ = -1;
};

GradReport checked(Differentiable const& f, std::vector<GradInput> const& inputs, Params const* params,
                   GradcheckOptions const& options, Where where) {
    require_comparable(options, where);
    auto const function = std::make_shared<RecordedFunction>(f, inputs, params, options, where);
    GradReport report   = Check(*function, options).run();
    function->apart();
    function->record();
    if (report.passed()) second_look(*function, options, report);
    function->stand_alone();
    report.tape = function;
    return report;
}

}  // namespace

GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, GradcheckOptions const& options,
                     Where where) {
    return checked(f, inputs, nullptr, options, where);
}

GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, Params const& params,
                     GradcheckOptions const& options, Where where) {
    return checked(f, inputs, &params, options, where);
}

}  // namespace unspool::core
