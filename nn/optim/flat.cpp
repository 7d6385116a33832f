// Lists of numbers, and Vars.
#include <numeric>
#include <unspool/nn/optim/flat.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core::flat {

double dot(Numbers const& a, Numbers const& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

Numbers along(Numbers a, double s, Numbers const& b) {
    for (std::size_t k = 0; k < a.size(); ++k) a[k] += s * b[k];
    return a;
}

Numbers from(Vars const& xs, Params const& params) {
    Numbers out;
    auto x = xs.begin();
    for (Param const* p : params.all()) {
        if (p->trained())
            dispatch(x->dtype(), [&](auto t) {
                auto const values = x->value<decltype(t)>();
                out.insert(out.end(), values.begin(), values.end());
            });
        if (p->trained()) ++x;
        else out.resize(out.size() + static_cast<std::size_t>(p->count()));
    }
    return out;
}

Vars onto(Tape& tape, Params const& params, Numbers const& numbers) {
    Vars out;
    auto at = numbers.begin();
    for (Param const* p : params.all()) {
        auto const end = at + static_cast<std::ptrdiff_t>(p->count());
        if (p->trained()) out.push_back(reshape(tape.constant(Numbers(at, end)), p->shape()));
        at = end;
    }
    return out;
}

}  // namespace unspool::core::flat
