// y = y₀ + Σ slope (x - x₀), with slopes as the operation declares them.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/surrogates.hpp>
#include <unspool/autograd/statement/statement.hpp>

namespace unspool::core {

namespace {

struct Less {
    static constexpr auto name                = "-";
    static constexpr bool differentiable_once = true;
    template <class V> static V f(V a, V b) { return a - b; }
    template <class V> static Pair<V> df(V, V, V) { return {V(1), V(-1)}; }
};
struct Along {
    static constexpr auto name                = "tangent";
    static constexpr bool differentiable_once = true;
    template <class V> static V f(V y, V slope, V x) { return y + slope * x; }
    template <class V> static Triple<V> df(V, V slope, V x, V) { return {V(1), x, slope}; }
};

Shape common_shape(std::span<Var const> x) {
    Shape out;
    for (Var const& v : x) broadcast(out, v.shape());
    return out;
}

xt::xarray<double> written_out(Var const& x, Shape const& shape) {
    return xt::broadcast(x.value<double>(), std::vector<std::size_t>(shape.begin(), shape.end()));
}

}  // namespace

Surrogates::Touched Surrogates::touched(SurrogateOperation const& op, std::span<Var const> x, Where where) {
    Touched out{op.name, where, common_shape(x), {}, {}, {}};
    Tape tape(float64);
    std::vector<Var> operands;
    for (Var const& v : x) {
        operands.push_back(tape.input(written_out(v, out.shape)));
        out.x.push_back(numbers(operands.back().value<double>()));
    }
    Var const y = op.apply(operands);
    out.y       = numbers(y.value<double>());
    Numbers const ones(out.y.size(), 1);
    Gradients const g = backward(y, array_view(ones.data(), y.shape(), row_major(y.shape())));
    for (Var const& v : operands) out.slope.push_back(numbers(g[v].value<double>()));
    return out;
}

Var Surrogates::at(SurrogateOperation const& op, std::span<Var const> x, Where where) {
    if (next_ == known_.size()) known_.push_back(touched(op, x, where));
    Touched const* here = &known_[next_++];
    Touched elsewhere;  // where the program took another path
    if (here->name != op.name || !(here->shape == common_shape(x))) here = &(elsewhere = touched(op, x, where));
    Tape& tape          = x[0].tape();
    auto const constant = [&](Numbers const& v) {
        return tape.constant(array_view(v.data(), here->shape, row_major(here->shape)), {}, where);
    };
    Var y = constant(here->y);
    for (std::size_t k = 0; k < x.size(); ++k)
        y = Var(apply<Along>(y, constant(here->slope[k]), apply<Less>(x[k], constant(here->x[k]))), where);
    return y;
}

std::vector<std::string> Surrogates::texts() const {
    std::map<std::string, std::size_t> times;
    for (Touched const& t : known_) ++times[fmt::format("{} ({})", t.name, text(t.where))];
    std::vector<std::string> out;
    for (auto const& [what, n] : times) out.push_back(n == 1 ? what : fmt::format("{}, {} times", what, n));
    return out;
}

}  // namespace unspool::core
