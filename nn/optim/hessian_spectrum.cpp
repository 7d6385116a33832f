// The tridiagonal matrix of a few products has the outermost eigenvalues.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/flat.hpp>
#include <unspool/nn/optim/hessian_spectrum.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/linalg/lapack.hpp>

namespace unspool::core {

namespace {

using flat::along, flat::dot, flat::Numbers;

struct Tridiagonal {
    std::vector<double> diagonal, beside;
};

/// Singular values of what a multiple of one has made positive definite.
std::vector<double> eigenvalues(Tridiagonal const& t) {
    std::size_t const n = t.diagonal.size();
    double shift        = 0;
    for (std::size_t k = 0; k < n; ++k)
        shift = std::max(shift, std::abs(t.diagonal[k]) + (k > 0 ? std::abs(t.beside[k - 1]) : 0) +
                                    (k + 1 < n ? std::abs(t.beside[k]) : 0));
    std::vector<double> whole(n * n);
    for (std::size_t k = 0; k < n; ++k) {
        whole[k * n + k] = t.diagonal[k] + shift;
        if (k + 1 < n) whole[k * n + k + 1] = whole[(k + 1) * n + k] = t.beside[k];
    }
    auto out = lapack::singular_values(whole, static_cast<Index>(n), static_cast<Index>(n));
    for (double& x : out) x -= shift;
    std::reverse(out.begin(), out.end());
    return out;
}

/// A direction of length 1 along what is trained.
Numbers first_direction(Params const& params) {
    Random random(1);
    Numbers v;
    for (Param const* p : params.all())
        for (Index k = 0; k < p->count(); ++k) v.push_back(p->trained() ? random.normal() : 0);
    return along(Numbers(v.size()), 1 / std::sqrt(dot(v, v)), v);
}

}  // namespace

std::vector<double> hessian_eigenvalues(Var loss, Params const& params, Index products, Where where) {
    require_at_least(1, "hessian_eigenvalues", "products", products, where);
    Tape& tape = loss.tape(where);
    Tridiagonal found;
    std::vector<Numbers> vs{first_direction(params)};
    double size = 0;
    for (Index k = 0; k < products; ++k) {
        Tape::Mark const here = tape.mark();
        Numbers w             = flat::from(hvp(loss, params, flat::onto(tape, params, vs.back()), where), params);
        tape.rewind(here);
        found.diagonal.push_back(dot(w, vs.back()));
        if (!std::isfinite(found.diagonal.back()))
            throw ValueError(
                fmt::format("{}: hessian_eigenvalues: a product with the Hessian is not finite", text(where)));
        size = std::max(size, std::sqrt(dot(w, w)));
        for (int again = 0; again < 2; ++again)
            for (Numbers const& v : vs) w = along(std::move(w), -dot(w, v), v);
        double const left = std::sqrt(dot(w, w));
        if (!(left > 1e-10 * size) || k + 1 == products) break;
        found.beside.push_back(left);
        vs.push_back(along(Numbers(w.size()), 1 / left, w));
    }
    return eigenvalues(found);
}

}  // namespace unspool::core
