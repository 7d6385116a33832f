// Evaluates a function beside a point.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <unspool/autograd/gradients.hpp>
#include <unspool/autograd/slope.hpp>

namespace unspool {

Point::Point(Arena& memory, std::string called, Shape const& s, Param const* p, Numbers values)
    : name(std::move(called)), shape(s), param(p), given(std::move(values)) {
    now = {static_cast<double*>(memory.array(given.size() * sizeof(double))), given.size()};
    restore();
}

void Point::restore() { std::copy(given.begin(), given.end(), now.begin()); }

double Line::unit() const {
    if (direction.empty()) return std::max(1.0, std::abs(point->given[element]));
    auto const   larger  = [](double a, double b) { return std::max(a, std::abs(b)); };
    double const largest = std::accumulate(point->given.begin(), point->given.end(), 1.0, larger);
    return largest / std::sqrt(static_cast<double>(direction.size()));
}

double Line::move(double h) const {
    if (direction.empty()) return (point->now[element] = point->given[element] + h) - point->given[element];
    for (std::size_t i = 0; i < direction.size(); ++i) point->now[i] = point->given[i] + h * direction[i];
    return h;
}

double Line::dot(Numbers const& g) const {
    return direction.empty() ? g[element] : std::inner_product(g.begin(), g.end(), direction.begin(), 0.0);
}

Probed::Probed(Differentiable const& f, std::vector<GradInput> const& inputs, Params const* params) : f_(f) {
    for (GradInput const& x : inputs)
        points_.emplace_back(memory_, x.name.empty() ? fmt::format("x{}", points_.size()) : x.name, Shape::of(x.value.shape()), nullptr,
                             numbers(x.value));
    for (Param const* p : params ? params->all() : std::vector<Param*>{})
        points_.emplace_back(memory_, p->path(), p->shape(), p,
                             dispatch(p->dtype(), [&](auto t) { return numbers(p->value<decltype(t)>()); }));
}

Var Probed::record() {
    tape_.rewind();
    xs_.clear();
    for (Point& p : points_) {
        if (p.param) tape_.substitute(*p.param, p.now.data());
        else xs_.push_back(tape_.input(array_view<double>(p.now.data(), p.shape, row_major(p.shape)), p.name));
    }
    Var const y = f_(tape_, xs_);
    if (&y.tape() != &tape_) throw TapeError("gradcheck: the result of the function is not on the tape that it was given");
    return y;
}

std::vector<Numbers> Probed::nodes() {
    record();
    std::vector<Numbers> out;
    for (Node const* n : tape_.nodes()) out.push_back(numbers(Var(tape_, n->value).value<double>()));
    return out;
}

std::vector<Numbers> Probed::gradients(Var const& y, Numbers const& seed) {
    std::vector<Numbers> out;
    if (!y.requires_grad()) {
        for (Point const& p : points_) out.emplace_back(p.given.size(), 0);
        return out;
    }
    Gradients const g = backward(y, array_view(seed.data(), y.shape(), row_major(y.shape())));
    auto            x = xs_.begin();
    for (Point const& p : points_) out.push_back(numbers(p.param ? g[*p.param].value<double>() : g[*x++].value<double>()));
    return out;
}

Slope slope(Numbers const& weights, Numbers const& before, Numbers const& here, Numbers const& behind, double back, double ahead) {
    constexpr double roundings = 32;  // of an element of y: more than most have
    Slope            s;
    for (std::size_t i = 0; i < here.size(); ++i) {
        if (before[i] == here[i] && behind[i] == here[i]) continue;  // no change, no noise
        s.central += weights[i] * (behind[i] - before[i]) / (ahead - back);
        s.gap += std::abs(weights[i] * ((behind[i] - here[i]) / ahead - (before[i] - here[i]) / back));
        s.noise += std::abs(weights[i] * here[i]);
    }
    s.noise *= roundings * std::numeric_limits<double>::epsilon() / (ahead - back);
    return s;
}

}  // namespace unspool
