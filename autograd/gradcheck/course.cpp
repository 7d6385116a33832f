// Reads what slopes over many steps have in common.
#include <algorithm>
#include <unspool/autograd/gradcheck/course.hpp>

namespace unspool::core {

namespace {

bool alike(double a, double b) { return std::abs(a - b) <= 0.1 * std::max(a, b); }

}  // namespace

Course::Course(Claim const& claim, std::vector<FiniteDifferences> const& seen, std::size_t row,
               Tolerance const& tolerance)
    : claim_(claim), seen_(seen), row_(row), tolerance_(tolerance), error_(seen.size()) {
    double finer = 0;
    for (std::size_t k = size(); k-- > 0;) {
        double const own = (*this)[k].error();
        error_[k] = finer = std::max(ratio * finer, std::isfinite(own) ? own : 0);
    }
}

std::optional<std::size_t> Course::finest(std::size_t end, auto const& holds) const {
    for (std::size_t k = end; k-- > 2;)
        if (holds(k)) return k;
    return {};
}

// Over a finer step an element may stand still, whose change rounding takes away: what is left looks exact, and
// is another function's slope.
bool Course::tells(std::size_t k) const {
    FiniteDifference const& s = (*this)[k];
    return s.finite() && s.changed && s.still <= (*this)[0].still &&
           error(k) <= std::max(size_of(k) / 20, tolerance_.absolute * claim_.scale);
}

bool Course::agree(std::size_t a, std::size_t b) const {
    double const off = std::abs((*this)[a].central - (*this)[b].central);
    return tells(a) && tells(b) && off <= 2 * std::max(error(a), error(b));
}

std::optional<Course::Plateau> Course::plateau(std::size_t end) const {
    auto const k = finest(end, [&](std::size_t s) { return tells(s) && agree(s, s - 1) && agree(s - 1, s - 2); });
    if (!k) return {};
    Plateau out{*k, *k, *k};
    while (out.coarsest > 0 && tells(out.coarsest - 1) && agree(out.coarsest - 1, out.best))
        if (--out.coarsest; error(out.coarsest) < error(out.best)) out.best = out.coarsest;
    return out;
}

bool Course::apart(Plateau const& a, Plateau const& b) const {
    return std::abs((*this)[a.best].central - (*this)[b.best].central) > 16 * (error(a.best) + error(b.best));
}

std::array<std::optional<Course::Plateau>, 2> Course::plateaus() const {
    auto out = plateau(size());
    for (auto other = out; other; other = plateau(other->coarsest)) {
        if (apart(*out, *other)) return {out, other};
        if (error(other->best) < error(out->best)) out = other;
    }
    return {out, std::nullopt};
}

bool Course::on(Plateau const& p) const {
    double const off = std::abs(claim_.backward - (*this)[p.best].central);
    return off <= 4 * error(p.best) || off <= tolerance_.relative * std::abs(claim_.backward);
}

bool Course::borne_out() const {
    for (std::size_t k = 0; k < size(); ++k) {
        double const own = (*this)[k].error(), off = std::abs(claim_.backward - (*this)[k].central);
        if (own <= size_of(k) / 20 && off <= 4 * own) return true;
    }
    return false;
}

bool Course::broken(std::size_t k) const {
    FiniteDifference const& s = (*this)[k];
    return s.finite() && s.gap > 1e-4 * std::abs(s.central) + tolerance_.absolute * claim_.scale + 8 * s.noise;
}

std::optional<std::size_t> Course::kink() const {
    return finest(size(), [&](std::size_t k) {
        return broken(k) && alike((*this)[k].gap, (*this)[k - 1].gap) && alike((*this)[k].gap, (*this)[k - 2].gap);
    });
}

bool Course::jump() const {
    std::size_t const n = size();
    return n > 2 && (*this)[n - 1].finite() && near(n - 1) > 100 * (*this)[n - 1].noise &&
           alike(ratio * near(n - 1), near(n - 2)) && alike(ratio * near(n - 2), near(n - 3));
}

std::optional<std::size_t> Course::still() const {
    std::size_t k = size();
    while (k > 0 && !(*this)[k - 1].changed) --k;
    return k + 1 < size() ? std::optional(k) : std::nullopt;
}

}  // namespace unspool::core
