// Where the gradients are compared with slopes, and what is made of it.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/cut_gradients.hpp>
#include <unspool/autograd/gradcheck/diagnosis.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/gradcheck/gradcheck_options.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/rest.hpp>
#include <unspool/autograd/gradcheck/second_look.hpp>

namespace unspool::core {

namespace {

/// Where an input is looked at: along its elements, or in random directions.
class Lines {
public:
    Lines(GradcheckOptions const& options, Random& random) : options_(options), random_(random) {}

    std::vector<Line> operator()(Point& p) {
        if (p.size() == 0) return {};
        bool const automatic = options_.directions == GradcheckOptions::automatic;
        int const n          = !automatic ? options_.directions : p.size() > options_.many_elements ? 8 : 0;
        return n > 0 ? directions(p, n) : elements(p);
    }

private:
    std::vector<Line> directions(Point& p, int n) {
        std::vector<Line> out;
        for (int d = 0; d < n; ++d)
            out.push_back({&p, fmt::format(" direction {}", d), 0, random_weights(random_, p.given.size())});
        return out;
    }
    std::vector<Line> elements(Point& p) {
        std::vector<std::size_t> order(p.given.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::size_t const n = std::min(order.size(), static_cast<std::size_t>(options_.max_elements));
        for (std::size_t i = 0; n < order.size() && i < n; ++i)  // the first n of a shuffle
            std::swap(order[i], order[i + random_.below(order.size() - i)]);
        std::vector<Line> out;
        for (std::size_t i = 0; i < n; ++i)
            out.push_back({&p, place(p.shape, static_cast<Index>(order[i])), order[i], {}});
        return out;
    }

    GradcheckOptions const& options_;
    Random& random_;
};

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
        Var const y = f_.record();
        for (std::size_t row = 0; row < weights_.rows(); ++row) gradients_.push_back(f_.gradients(y, seed(row)));
        find_scales();
        warnings(report);
        report.problem    = aftermath_.nondeterminism(gradients_.back(), f_.gradients(f_.record(), weights_.all));
        report.surrogates = f_.surrogates().texts();
        if (report.problem.empty() && f_.surrogates().any()) compare_with_surrogates(report);
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
                scale_of(largest, (row < weights_.each.size() ? std::abs(here_[row]) : whole) * options_.step / unit));
        }
    }
    std::size_t elements() const {
        return std::accumulate(f_.points().begin(), f_.points().end(), std::size_t{0},
                               [](std::size_t n, Point const& p) { return n + p.given.size(); });
    }
    Numbers seed(std::size_t row) const {
        if (row == weights_.each.size()) return weights_.all;
        Numbers out(here_.size(), 0);
        out[row] = weights_.each[row];
        return out;
    }

    void compare(GradReport& report) {
        Lines lines(options_, random_);
        cut_.begin(gradients_.back(), weights_.all);
        for (std::size_t p = 0; p < f_.points().size(); ++p)
            report.inputs.push_back(check(p, lines(f_.points()[p]), report));
        if (!worst_) return;
        aftermath_.find_culprits(report, *worst_, gradients_.back(), weights_.all);
        aftermath_.leave_to_rounding(report, wrong_change_);
    }

    GradReport::Input check(std::size_t p, std::vector<Line> const& lines, GradReport& report) {
        GradReport::Input out;
        out.name = f_.points()[p].name, out.shape = f_.points()[p].shape;
        double largest = 0;  // change that a gradient stands for which could not be judged
        bool told = false, faint = false;
        for (Line const& line : lines) {
            Judgement const j = judge_line(p, line);
            if (j.kink()) ++out.kinks, aftermath_.locate_kink(report, line, j);
            else if (j.unresolved()) unresolved(out, report, line, j), largest = std::max(largest, change_of(line, j));
            else checked(out, line, j);
            told  = told || (!j.unresolved() && j.verdict != Agreement::zero);
            faint = faint || (j.verdict == Agreement::zero && j.backward != 0);
        }
        if (faint && !told && out.unresolved == 0) warn_of_nothing(out, report);
        tell_what_was_not_checked(out, largest, report);
        return out;
    }
    /// What the gradient stands for, or what was seen.
    static double change_of(Line const& line, Judgement const& j) {
        double const seen = std::abs(j.numeric) * j.step;
        return std::max(std::abs(j.backward) * line.unit(), std::isfinite(seen) ? seen : 0);
    }
    void checked(GradReport::Input& out, Line const& line, Judgement const& j) {
        if (out.checked == 0 || j.error > out.worst.error) out.worst = place_of(line, j);
        if (double const off = std::abs(j.backward - j.numeric) * line.unit(); j.wrong())
            wrong_change_ = std::max(wrong_change_, std::isfinite(off) ? off : std::numeric_limits<double>::infinity());
        if (j.wrong() && (!worst_ || j.error > worst_error_)) worst_ = line, worst_error_ = j.error;
        out.wrong += j.wrong(), ++out.checked;
    }
    void unresolved(GradReport::Input& out, GradReport& report, Line const& line, Judgement const& j) {
        if (out.checked == 0 && (out.unresolved == 0 || j.error > out.worst.error)) out.worst = place_of(line, j);
        ++out.unresolved;
        aftermath_.locate_edge(report, line, j);
    }
    void tell_what_was_not_checked(GradReport::Input& i, double largest, GradReport& report) {
        auto const warn = [&](std::string what) { report.warnings.push_back(std::move(what)); };
        if (count(i.shape) == 0) warn(fmt::format("{} is empty: nothing of it was checked", i.name));
        else if (i.checked == 0 && i.unresolved == 0 && i.kinks > 0)
            warn(fmt::format(
                "{} is at kinks or jumps everywhere: its gradients were only compared with the slopes at the sides",
                i.name));
        else if (i.unresolved == 0) return;
        else if (i.checked > 0 || i.kinks > 0) warn(fmt::format("{} of {} could not be judged", i.unresolved, i.name));
        else if (largest > rounding * aftermath_.largest_value())
            i.problem = "nothing could be judged: " + i.worst.remark;
        else warn_of_nothing(i, report);
    }
    static void warn_of_nothing(GradReport::Input const& i, GradReport& report) {
        report.warnings.push_back(
            fmt::format("the gradient by {} is zero, or hidden by rounding: nothing of it could be judged", i.name));
    }
    GradReport::Place place_of(Line const& line, Judgement const& j) const {
        bool const single = j.row < weights_.each.size();
        double const w    = weights_.single(j.row);
        return {line.at,        single ? place(f_.result_shape(), static_cast<Index>(j.row)) : "",
                j.backward / w, j.numeric / w,
                j.error,        j.remark};
    }

    Judgement judge_line(std::size_t p, Line const& line) {
        std::vector<Claim> claims;
        for (std::size_t row = 0; row < gradients_.size(); ++row)
            claims.push_back({line.dot(gradients_[row][p]), scales_[row]});
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
            throw ShapeError("gradcheck: the shape of the function's result depends on its inputs' values");
        return out;
    }

    /// Where the program takes another path at one side of a kink, the backward value has to be the slope at the other.
    Judgement on_same_branch(Line const& line, Profile const& along, Judgement j) {
        int const side = aftermath_.same_branch(line, j.step);
        if (side == 0) return j;
        Stencil const s = along.stencil(j.step);
        double numeric  = 0;
        for (std::size_t i = 0; i < here_.size(); ++i)
            numeric += (j.row < weights_.each.size() ? (i == j.row) * weights_.each[i] : weights_.all[i]) *
                       s.one_sided(i, side);
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
    std::optional<Line> worst_;
    double worst_error_ = 0, wrong_change_ = 0;  // the latter of a result, that a wrong gradient stands for
};

GradReport checked(Differentiable const& f, std::vector<GradInput> const& inputs, Params const* params,
                   GradcheckOptions const& options) {
    require_comparable(options);
    auto const function = std::make_shared<RecordedFunction>(f, inputs, params, options);
    GradReport report   = Check(*function, options).run();
    function->apart();
    function->record();
    if (report.passed()) second_look(*function, options, report);
    function->stand_alone();
    report.tape = function;
    return report;
}

}  // namespace

GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, GradcheckOptions const& options) {
    return checked(f, inputs, nullptr, options);
}

GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, Params const& params,
                     GradcheckOptions const& options) {
    return checked(f, inputs, &params, options);
}

}  // namespace unspool::core
