// Judges backward values by slopes of many steps.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <unspool/autograd/gradcheck/course.hpp>

namespace unspool::core {

double scale_of(double gradient, double result) {
    double const known = gradient > 0 ? gradient : result;
    return std::isfinite(known) ? std::min(1.0, known) : 1;
}

double relative_error(double a, double b) {
    if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<double>::infinity();
    return a == b ? 0 : std::abs(a - b) / std::max(std::abs(a), std::abs(b));
}

Steps steps_at(double step, double unit, double value) {
    constexpr double fine = 1e-13;  // of a value: some hundred of its roundings
    return {step * unit, value == 0 ? 1e-18 * unit : std::min(fine * std::abs(value), step * unit)};
}

namespace {

constexpr char const* hidden     = "hidden by rounding";
constexpr char const* by_steps   = "the function goes by steps, which may be those of rounding";
constexpr char const* too_curved = "the function is too curved, or rounded too much";

/// What one value beside the others says.
struct Probe {
    double at = 0;
    FiniteDifferences of;

    double slope(std::size_t row, FiniteDifference const& s) const { return of[row].central - s.bend * at / 2; }
};

class Judging {
public:
    Judging(std::vector<Claim> const& claims, Steps steps, Profile const& line, Tolerance const& tolerance)
        : claims_(claims), line_(line), tolerance_(tolerance), steps_(steps) {}

    Judgement run() {
        look(steps_.first);
        probe_ = probe(0, claims_.size() - 1, 0.1 * tolerance_.relative * size_of(claims_.back()));
        for (std::size_t i = 0; i < claims_.size(); ++i)
            if (!not_finite(i) && !plain(i)) open_.push_back(i);
        while (!open_.empty() && !out_.wrong() && goes_finer() && !drowned()) {
            look(at_.back() * ratio);
            std::erase_if(open_, [&](std::size_t i) { return plain(i) || refuted(i) || broken(i); });
        }
        if (!out_.wrong())
            for (std::size_t i : open_) weigh(i);
        return out_;
    }

    /// Larger steps, over which rounding would hide nothing, if the function went on as it does here.
    Steps farther() const {
        constexpr double most = 1e12;
        double need           = 1;
        for (std::size_t i = 0; i < claims_.size(); ++i)
            if (double const size = tolerance_.relative * size_of(claims_[i]); size > 0)
                need = std::max(need, 10 * seen_[0][i].noise / size);
        return {steps_.first * std::min(need, most), steps_.first};
    }
    /// Does it, by one value?
    bool goes_on(Judgement const& j) const {
        double const slope = std::abs(line_.beside(farther().first)[j.row].central), said = std::abs(j.backward);
        return std::abs(slope - said) <= 0.1 * said;
    }

private:
    static constexpr double ratio = Course::ratio;

    /// Is there a smaller step?  There is none of 0, and none of infinity.
    bool goes_finer() const {
        double const next = ratio * at_.back();
        return next >= steps_.least && next > 0 && next < at_.back();
    }
    void look(double step) { at_.push_back(step), seen_.push_back(line_.around(step)); }
    Course course(std::size_t i) const { return {claims_[i], seen_, i, tolerance_}; }

    /// One value more, as near as rounding lets it tell a row's slope this well.
    Probe probe(std::size_t k, std::size_t row, double well) const {
        double const ideal = at_[k] * seen_[k][row].noise / std::max(well, 1e-300);
        double const at    = std::clamp(ideal, std::min(8 * steps_.least, ratio * at_[k]), ratio * at_[k]);
        return {at, line_.beside(at)};
    }
    static double size_of(Claim const& c) { return c.backward == 0 ? c.scale : std::abs(c.backward); }
    /// Is all that is to be seen lost in rounding?
    bool drowned() const {
        return std::all_of(open_.begin(), open_.end(), [&](std::size_t i) {
            Course const slopes = course(i);
            double most         = std::abs(claims_[i].backward);
            for (std::size_t k = 0; k < slopes.size(); ++k)
                if (slopes[k].finite()) most = std::max(most, slopes.near(k));
            return seen_.back()[i].finite() && seen_.back()[i].noise > most;
        });
    }

    bool found(Agreement v, std::size_t i, double numeric, std::size_t k, char const* remark = "") {
        double const b = claims_[i].backward;
        take({v, i, b, numeric, relative_error(b, numeric), remark, at_[k]});
        return true;
    }
    void take(Judgement const& j) {
        if (!out_.yields_to(j) || (claims_[j.row].aside && !j.wrong())) return;
        out_ = j;
        if (j.unresolved()) out_.seen = seen(j.row);
    }
    /// Some of the slopes, evenly.
    std::string seen(std::size_t i) const {
        constexpr std::size_t most = 4;
        std::string out;
        std::size_t const n = seen_.size(), shown = std::min(n, most);
        for (std::size_t j = 0; j < shown; ++j) {
            std::size_t const k = shown < 2 ? 0 : j * (n - 1) / (shown - 1);
            out += fmt::format("{}{:.3g} over {:.1g}", j == 0 ? "" : ", ", seen_[k][i].central, at_[k]);
        }
        return out;
    }

    /// Zero but for rounding: the error is relative to the other gradients of the row.
    bool nothing(std::size_t i, double numeric, std::size_t k) {
        Claim const& c = claims_[i];
        if (c.backward == 0) numeric = c.backward;  // with its sign
        take({Agreement::zero, i, c.backward, numeric, c.scale > 0 ? std::abs(c.backward - numeric) / c.scale : 0, "",
              at_[k]});
        return true;
    }
    bool not_finite(std::size_t i) {
        return !std::isfinite(claims_[i].backward) &&
               found(Agreement::not_finite, i, seen_[0][i].central, 0, "the backward value is not finite");
    }

    bool smooth(std::size_t i, FiniteDifference const& s) const {
        return s.uneven <= 1e-4 * std::abs(s.central) + tolerance_.absolute * claims_[i].scale + 4 * s.noise;
    }
    /// Right by the last step, with nothing that contradicts?
    bool plain(std::size_t i) {
        FiniteDifference const& s = seen_.back()[i];
        return smooth(i, s) && !drowns(i, s) && as_beside(i, s) && accept(i, s, seen_.size() - 1, false);
    }
    /// Would rounding swallow here what a wider step has seen?
    bool drowns(std::size_t i, FiniteDifference const& s) const {
        return std::any_of(seen_.begin(), seen_.end(), [&](FiniteDifferences const& at) {
            double const off = std::abs(at[i].central - claims_[i].backward);
            return off > 4 * at[i].error() && s.noise > off / 4;
        });
    }
    bool as_beside(std::size_t i, FiniteDifference const& s) const {
        Claim const& c = claims_[i];
        return std::abs(probe_.slope(i, s) - c.backward) <=
               3 * (tolerance_.relative * std::abs(c.backward) + tolerance_.absolute * c.scale) +
                   8 * probe_.of[i].noise;
    }
    /// Do the last two steps agree on another slope, and does the nearest value that can tell the two apart as well?
    bool refuted(std::size_t i) {
        std::size_t const k       = seen_.size() - 1;
        FiniteDifference const& s = seen_[k][i];
        double const off          = std::abs(s.central - claims_[i].backward);
        Course const slopes       = course(i);
        if (!(off > 8 * s.error()) || !smooth(i, s) || !slopes.agree(k, k - 1) || slopes.borne_out()) return false;
        if (!deep_) deep_ = probe(k, i, off / 64);
        return off > s.asleep && 32 * deep_->of[i].noise < off && std::abs(deep_->slope(i, s) - s.central) < off / 4 &&
               found(Agreement::wrong, i, s.central, k);
    }
    /// Are there two slopes, and do the nearest values at both sides see one each?
    bool broken(std::size_t i) {
        std::size_t const k       = seen_.size() - 1;
        FiniteDifference const& s = seen_[k][i];
        if (course(i).kink() != k) return false;
        if (!above_) above_ = probe(k, i, s.gap / 200), below_ = Probe{-above_->at, line_.beside(-above_->at)};
        FiniteDifference const &above = above_->of[i], &below = below_->of[i];
        double const off = std::max(std::abs(above.central - s.above), std::abs(below.central - s.below));
        return off + above.noise <= s.gap / 50 && at_kink(i, k);
    }

    /// If the values are as near as can be told: how well can that be told?
    bool accept(std::size_t i, FiniteDifference const& s, std::size_t k, bool last) {
        Claim const& c = claims_[i];
        if (!tolerance_.close(c.backward, s, c.scale)) return false;
        double const slack = tolerance_.slack(s, c.scale);
        if (std::abs(c.backward) <= 8 * std::numeric_limits<double>::epsilon() * c.scale &&
            std::abs(s.central) <= slack)
            return nothing(i, s.central, k);
        double const size = std::max(std::abs(c.backward), std::abs(s.central));
        bool const equal  = tolerance_.equal(c.backward, s.central);
        if (equal && slack <= tolerance_.relative * size) return found(Agreement::right, i, s.central, k);
        if (equal || slack < size / 100) return found(Agreement::coarse, i, s.central, k);
        return (!s.wide || last) && found(Agreement::hidden, i, s.central, k, hidden);
    }

    /// After all steps.
    void weigh(std::size_t i) {
        Course const slopes = course(i);
        auto const kink = slopes.kink(), still = slopes.still();
        auto const [settled, other] = slopes.plateaus();
        Rest const rest             = still ? rest_at(i, *still) : Rest::none;
        if (kink && (!settled || *kink >= settled->finest)) at_kink(i, *kink);
        else if (rest == Rest::constant) constant(i, *still);
        else if (slopes.jump()) beside(Agreement::jump, i);
        else if (!settled) beside(Agreement::edge, i);
        else if (rest == Rest::unclear && (near_zero(i) || slopes.on(*settled)))
            found(Agreement::edge, i, slopes[settled->best].central, settled->best, by_steps);
        else if (other && rests(*settled) && (slopes.on(*settled) || slopes.on(*other)))
            found(Agreement::edge, i, slopes[other->best].central, other->best, by_steps);
        else on_plateau(i, slopes, settled->best);
    }
    /// Is it perhaps a plateau only because something within the function is rounded to what it was?
    bool rests(Course::Plateau const& p) const {
        Rest const rest = line_.rest ? line_.rest(at_[p.coarsest], at_[p.coarsest] / (ratio * ratio)) : Rest::unclear;
        return rest == Rest::rounded || rest == Rest::unclear;
    }
    bool near_zero(std::size_t i) const {
        return std::abs(claims_[i].backward) <= tolerance_.absolute * claims_[i].scale;
    }
    Rest rest_at(std::size_t i, std::size_t still) const {
        if (still == 0) return Rest::constant;
        if (course(i).near(still - 1) < 8 * seen_[still - 1][i].noise) return Rest::rounded;
        return line_.rest ? line_.rest(at_[still], at_[still - 1]) : Rest::unclear;
    }
    void constant(std::size_t i, std::size_t still) {
        FiniteDifference const& s = seen_[still][i];
        if (accept(i, s, still, true)) return;
        if (std::abs(claims_[i].backward) > 8 * s.noise) found(Agreement::wrong, i, 0, still);
        else found(Agreement::hidden, i, 0, still, hidden);
    }
    /// Is the claim between the slopes at both sides, give or take their curvature?
    bool at_kink(std::size_t i, std::size_t k) {
        FiniteDifference const& s = seen_[k][i];
        Claim const& c            = claims_[i];
        bool const between =
            std::abs(c.backward - s.central) <= 0.52 * s.gap + tolerance_.allowed(c.backward, s, c.scale);
        return found(between ? Agreement::kink : Agreement::wrong, i, s.central, k);
    }
    void on_plateau(std::size_t i, Course const& slopes, std::size_t k) {
        FiniteDifference s = slopes[k];
        s.noise            = slopes.error(k);
        if (accept(i, s, k, true)) return;
        if (std::abs(claims_[i].backward - s.central) > 4 * s.noise + s.asleep)
            found(Agreement::wrong, i, s.central, k);
        else found(Agreement::edge, i, s.central, k, too_curved);
    }

    /// At a place without two slopes, the backward value is wrong if there is one and it is another.
    void beside(Agreement v, std::size_t i) {
        std::size_t const last         = seen_.size() - 1;
        Claim const& c                 = claims_[i];
        FiniteDifference const &coarse = seen_[last > 0 ? last - 1 : 0][i], &fine = seen_[last][i],
                               &wide = seen_[std::min(std::size_t{5}, last)][i];
        auto const rough             = [&](double a, double b, double noise) {
            return std::abs(a - b) <= 1e-3 * std::max(std::abs(a), std::abs(b)) + 1e-6 * c.scale + 4 * noise;
        };
        bool const below     = rough(coarse.below, fine.below, fine.noise),
                   above     = rough(coarse.above, fine.above, fine.noise);
        double const nearest = below ? fine.below : fine.above, nearer = below ? wide.below : wide.above;
        bool const same   = rough(nearer, nearest, fine.noise);  // then the wider is rounded less
        double const side = same ? nearer : nearest, noise = same ? wide.noise : fine.noise;
        if (v == Agreement::jump && jumps_by_rounding(last)) found(Agreement::edge, i, fine.central, last, by_steps);
        else if ((v == Agreement::jump || !fine.finite()) && below != above && !rough(c.backward, side, noise))
            found(Agreement::wrong, i, side, last, "the slope of the side that it belongs to is another");
        else if (v == Agreement::jump) found(v, i, fine.central, last);
        else found(v, i, fine.central, last, fine.finite() ? too_curved : "the function is not finite beside it");
    }

    bool jumps_by_rounding(std::size_t k) const {
        return line_.rest && std::max(line_.rest(at_[k], at_[k]), line_.rest(-at_[k], at_[k])) == Rest::rounded;
    }

    std::vector<Claim> const& claims_;
    Profile const& line_;
    Tolerance const& tolerance_;
    Steps steps_;
    Numbers at_;                           // the steps
    std::vector<FiniteDifferences> seen_;  // by step
    Probe probe_;
    std::optional<Probe> deep_, above_, below_;
    std::vector<std::size_t> open_;
    Judgement out_;
};

}  // namespace

Judgement judge(std::vector<Claim> const& claims, Steps steps, Profile const& line, Tolerance const& tolerance) {
    Judging here(claims, steps, line, tolerance);
    Judgement out = here.run();
    bool const told =
        (out.verdict != Agreement::hidden && out.verdict != Agreement::coarse) || out.error <= tolerance.relative;
    if (told || !here.goes_on(out)) return out;
    Judgement const farther = Judging(claims, here.farther(), line, tolerance).run();
    if (farther.right()) return farther;
    if (farther.wrong()) out.verdict = Agreement::hidden, out.remark = hidden;  // it may be right here
    return out;
}

}  // namespace unspool::core
