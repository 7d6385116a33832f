// Systems whose Lyapunov exponents are known.
#pragma once
#include <nn/cells.hpp>

namespace systems {

using namespace unspool;

using Table = xt::xarray<double>;

inline Table drawn_at_random(std::vector<std::size_t> const& shape, std::uint64_t seed, double scale = 1) {
    Random random(seed);
    Table out = xt::zeros<double>(shape);
    for (double& x : out) x = scale * random.normal();
    return out;
}

/// [B,1]
inline Table column(std::vector<double> const& x) {
    Table out = xt::zeros<double>({x.size(), std::size_t{1}});
    std::copy(x.begin(), x.end(), out.begin());
    return out;
}

struct Logistic {
    double r = 4;

    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
    Var operator()(Var, Var h) const { return r * h * (1 - h); }
};

/// h' = D h, D a diagonal matrix.
struct Diagonal {
    Table d;

    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, static_cast<Index>(d.size())}); }
    Var operator()(Var, Var h) const { return h * h.tape().constant(d); }
};

}  // namespace systems
