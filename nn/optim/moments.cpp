// What optimisers remember.
#include <fmt/format.h>
#include <unspool/autograd/error.hpp>
#include <unspool/nn/optim/moments.hpp>

namespace unspool {

Moments::Moments(Params const& params, int arrays) : arrays_(0, params.dtype()) {
    for (Param* p : params.all()) {
        Slot s{p, {nullptr, nullptr}};
        for (int k = 0; k < arrays; ++k) s.arrays[k] = &arrays_.zeros(fmt::format("{}.moment{}", p->path(), k + 1), p->shape());
        slots_.push_back(s);
    }
}

void Moments::require_dtype(std::string_view optimiser, Gradients const& gradients) const {
    if (gradients.dtype() != arrays_.dtype())
        throw TypeError(
            fmt::format("{}: the parameters are {}, the gradients {}", optimiser, text(arrays_.dtype()), text(gradients.dtype())));
}

}  // namespace unspool
