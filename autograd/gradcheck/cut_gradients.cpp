// Compares gradients with those that pass through detach().
#include <algorithm>
#include <cmath>
#include <unspool/autograd/gradcheck/cut_gradients.hpp>
#include <unspool/autograd/gradcheck/node_check.hpp>

namespace unspool::core {

namespace {

double largest_on(Tape const& tape) {
    double out = 0;
    for (Node const* n : tape.nodes()) {
        auto const* const x = static_cast<double const*>(n->value.data);
        for (Index i = 0; i < count(n->value.shape); ++i)
            out = std::isfinite(x[i]) ? std::max(out, std::abs(x[i])) : out;
    }
    return out;
}

}  // namespace

void CutGradients::begin(std::vector<Numbers> const& gradients, Numbers const& weights) {
    gradients_ = &gradients, weights_ = &weights;
    if (f_.loose()) whole_ = f_.gradients_attached(weights);
}

double CutGradients::cut(Line const& line, std::vector<Numbers> const& gradients,
                         std::vector<Numbers> const& whole) const {
    auto const p = static_cast<std::size_t>(line.point - f_.points().data());
    return line.dot(whole[p]) - line.dot(gradients[p]);
}

void CutGradients::look_at(Line const& line, std::size_t row, double scale, Judgement& j) {
    if (whole_.empty() || !(j.right() || j.unresolved())) return;
    Tolerance const tolerance{options_.relative, options_.absolute};
    double const missing = cut(line, *gradients_, whole_);
    double const claim   = line.dot((*gradients_)[static_cast<std::size_t>(line.point - f_.points().data())]);
    bool const seen      = std::isfinite(missing) && std::abs(missing) > tolerance.absolute * scale;
    if (!seen || tolerance.equal(claim, claim + missing)) return;
    f_.record();  // here, and not where it was looked at last
    if (std::abs(missing) * line.unit() <= rounding * largest_on(f_.tape()) || !stays(line, missing) || !sound())
        return;
    j.verdict = Agreement::wrong, j.row = row, j.backward = claim, j.numeric = claim + missing;
    j.error  = relative_error(j.backward, j.numeric);
    j.remark = "detach() takes from it what differences do not see";
}

/// Is it the same but for a hundredth wherever the point is moved by some roundings?  What rounding leaves of terms that
/// cancel is not, but has few values, and may be the same at one place or another.
bool CutGradients::stays(Line const& line, double missing) {
    constexpr int places = 8;
    double step          = 1e-14 * (line.least() > 0 ? line.least() : line.unit());
    bool out             = true;
    for (int k = 0; k < places && out; ++k, step *= -1.6) {
        line.move(step);
        std::vector<Numbers> const whole = f_.gradients_attached(*weights_);
        double const beside              = cut(line, f_.gradients(f_.record(), *weights_), whole);
        out                              = std::abs(beside - missing) <= std::abs(missing) / 100;
    }
    line.point->restore();
    return out;
}

/// Is what is detached differentiated rightly?  It need not be, since nothing comes of it.
bool CutGradients::sound() {
    if (sound_) return *sound_;
    Mechanisms const before = f_.mechanisms();
    Mechanisms attached     = before;
    attached.attach         = true;
    f_.together(attached);
    f_.apart();
    f_.record();
    auto const reached = f_.reached();
    bool on_purpose    = false;
    for (NodeId id = 0; id < f_.tape().size(); ++id)
        on_purpose = on_purpose || (reached[id] && f_.tape()[id].rule && f_.tape()[id].rule->surrogate());
    NodeCheckOptions const each{options_.step, {options_.relative, options_.absolute}, options_.seed};
    sound_ = !on_purpose && wrong_nodes(f_.tape(), reached, each).empty();
    f_.together(before);
    return *sound_;
}

}  // namespace unspool::core
