// A learned linear map.
#include <cmath>
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::nn {

namespace {

double bound(Params const& p, Index in, Index out, Where where) {
    require_size("Linear", p, "in", in, where);
    require_size("Linear", p, "out", out, where);
    return 1 / std::sqrt(static_cast<double>(in));
}

Linear with_parameters(Params p, Index in, Index out, Bias bias, double a, Where where) {
    Param& weight = p.uniform("weight", {out, in}, -a, a, where);
    return Linear(weight, bias == Bias::with ? &p.uniform("bias", {out}, -a, a, where) : nullptr);
}

}  // namespace

Linear::Linear(Params p, Index in, Index out, Bias b, Where where)
    : Linear(with_parameters(p, in, out, b, bound(p, in, out, where), where)) {}

Projections<1> Linear::operator()(Argument x, Where where) const {
    return bias ? linear(x, weight, *bias, where) : linear(x, weight, where);
}

}  // namespace unspool::nn
