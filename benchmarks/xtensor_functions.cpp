// Functions of arrays by xtensor.  In a file of its own, which knows nothing of Unspool, because xtensor's types depend on this macro:
#define XTENSOR_USE_XSIMD
#include "xtensor_functions.hpp"

#include <memory>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>

#include "functions.hpp"

namespace bench {

template <class F> Ready with_xtensor(std::vector<float> const& xs) {
    using Floats = xt::xtensor<float, 1>;
    auto const x = std::make_shared<Floats>(xt::adapt(xs)), y = std::make_shared<Floats>(xt::zeros_like(*x));
    return {[=] { xt::noalias(*y) = F()(*x); }, [=] { return std::vector<float>(y->begin(), y->end()); }};
}

template Ready with_xtensor<Exp>(std::vector<float> const&);
template Ready with_xtensor<Log>(std::vector<float> const&);
template Ready with_xtensor<Tanh>(std::vector<float> const&);
template Ready with_xtensor<Sigmoid>(std::vector<float> const&);
template Ready with_xtensor<Expm1>(std::vector<float> const&);
template Ready with_xtensor<Erf>(std::vector<float> const&);
template Ready with_xtensor<Tan>(std::vector<float> const&);

}  // namespace bench
