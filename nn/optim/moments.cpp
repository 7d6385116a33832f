// What optimisers remember.
#include <fmt/format.h>
#include <unordered_set>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/optim/moments.hpp>

namespace unspool::core {

namespace {

void require_alike(std::vector<Param*> const& params, Where where) {
    std::unordered_set<std::string_view> paths;
    for (Param const* p : params) {
        if (p->dtype() != params[0]->dtype())
            throw TypeError(fmt::format("{}: an optimiser's parameters are of one type, but {} is {} and {} is {}",
                                        text(where), params[0]->path(), text(params[0]->dtype()), p->path(),
                                        text(p->dtype())));
        if (!paths.insert(p->path()).second)
            throw NameError(fmt::format("{}: an optimiser was given two parameters {}", text(where), p->path()));
    }
}

}  // namespace

Moments::Moments(std::vector<Param*> const& params, MomentNames const& names, Where where)
    : arrays_(0, params.empty() ? float32 : params[0]->dtype()) {
    require_alike(params, where);
    for (Param* p : params) {
        if (!p->trained()) continue;
        places_.emplace(p, slots_.size());
        Slot& s = slots_.emplace_back(Slot{.param = p});
        auto a  = s.arrays.begin();
        for (std::string_view name : names) *a++ = &arrays_.zeros(fmt::format("{}.{}", p->path(), name), p->shape());
    }
}

void Moments::require_dtype(std::string_view optimiser, Gradients const& gradients) const {
    if (gradients.dtype() != arrays_.dtype())
        throw TypeError(fmt::format("{}: the parameters are {}, the gradients {}", optimiser, text(arrays_.dtype()),
                                    text(gradients.dtype())));
}

Moments::Slot* Moments::find(Param const& p) {
    auto const at = places_.find(&p);
    return at == places_.end() ? nullptr : &slots_[at->second];
}

void Moments::fields(Fields f) {
    f.add("moments", arrays_);
    for (Slot& s : slots_)
        f.add(fmt::format("steps.{}", s.param->path()), s.steps, 0, Fields::most / 2);  // so that counting on is safe
}

}  // namespace unspool::core
