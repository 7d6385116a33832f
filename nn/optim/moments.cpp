// What optimisers remember.
#include <fmt/format.h>
#include <unordered_set>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/no_parameter.hpp>
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

Moments::Moments(ParamSet params, MomentNames const& names, Where where, double start)
    : params_(std::move(params)), names_(names), where_(where), start_(start), arrays_(0, params_.dtype()) {
    follow();
}

void Moments::follow() {
    params_.follow([this](std::vector<Param*> const& all) {
        require_alike(all, where_);
        slots_.reserve(all.size());
        for (Param* p : all) {
            if (!p->trained() || places_.contains(p)) continue;
            Slot s{.param = p};
            for (std::size_t k = 0; k < names_.size(); ++k) s.arrays[k] = &array(*p, names_[k]);
            places_.emplace(p, slots_.size());
            slots_.push_back(s);
        }
    });
}

/// It may be there, of an attempt that had no memory for another.
Param& Moments::array(Param const& of, std::string_view name) {
    std::string const path = fmt::format("{}.{}", of.path(), name);
    return arrays_.contains(path) ? arrays_[path] : arrays_.constant(path, of.shape(), start_);
}

void Moments::require_known(std::string_view optimiser, Gradients const& gradients, Where where) const {
    require_any(!slots_.empty(), optimiser, "change", where_);
    if (gradients.dtype() != arrays_.dtype())
        throw TypeError(fmt::format("{}: {}: the parameters are {}, the gradients {}", text(where), optimiser,
                                    text(arrays_.dtype()), text(gradients.dtype())));
    if (!params_.whole()) return require_some(optimiser, gradients, params_.all(), where);
    auto const require = [&](Param const& p) {
        if (!places_.contains(&p))
            throw NameError(
                fmt::format("{}: {}: {} has a gradient, but is a parameter of another model than the optimiser's: "
                            "make the optimiser of its Params, detach() what comes from it, or give the "
                            "optimiser params.all(), which says that others stay as they are",
                            text(where_), optimiser, p.path()));
    };
    gradients.each_param(require, where);
}

Moments::Slot* Moments::find(Param const& p) {
    follow();
    auto const at = places_.find(&p);
    return at == places_.end() ? nullptr : &slots_[at->second];
}

void Moments::fields(Fields f) {
    follow();
    f.add("moments", arrays_);
    for (Slot& s : slots_)
        f.add(fmt::format("steps.{}", s.param->path()), s.steps, 0, Fields::most / 2);  // so that counting on is safe
}

}  // namespace unspool::core
