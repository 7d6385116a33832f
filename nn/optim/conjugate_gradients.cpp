// From direction to direction.
#include <algorithm>
#include <cmath>
#include <unspool/nn/optim/conjugate_gradients.hpp>

namespace unspool::core {

namespace {

using flat::along, flat::dot, flat::Numbers;

bool stalls(std::vector<double> const& models) {
    std::size_t const i = models.size() - 1, k = std::max<std::size_t>(10, i / 10);
    return i > k && models[i] < 0 && models[i] - models[i - k] > 5e-4 * static_cast<double>(k) * models[i];
}

}  // namespace

ConjugateGradients conjugate_gradients(Numbers const& g, std::function<Numbers(Numbers const&)> const& product,
                                       Numbers start, Index most) {
    Numbers d = std::move(start), r = along(product(d), 1, g), p = along(Numbers(g.size()), -1, r);
    ConjugateGradients out{{}, {(dot(r, d) + dot(g, d)) / 2}, 1};
    double rr = dot(r, r), next_kept = 1;
    double const nothing = 1e-20 * std::max(rr, dot(g, g));  // whatever the loss is counted in
    while (out.products < most && rr > nothing && !stalls(out.models)) {
        Numbers const Ap  = product(p);
        double const bend = dot(p, Ap);
        ++out.products;
        if (!(bend > 0)) break;
        d = along(std::move(d), rr / bend, p), r = along(std::move(r), rr / bend, Ap);
        double const next = dot(r, r);
        p                 = along(along(Numbers(g.size()), next / rr, p), -1, r);
        rr                = next;
        out.models.push_back((dot(r, d) + dot(g, d)) / 2);
        if (static_cast<double>(out.products) > next_kept)
            out.directions.push_back(d), next_kept = std::ceil(next_kept * 1.3);
    }
    out.directions.push_back(std::move(d));
    return out;
}

}  // namespace unspool::core
