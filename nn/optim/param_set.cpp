// Whether gradients are those of the parameters that were chosen.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/optim/param_set.hpp>

namespace unspool::core {

void require_some(std::string_view who, Gradients const& gradients, std::span<Param* const> chosen, Where where) {
    auto const reached = [&](Param* p) { return gradients.reached(*p, where); };
    if (chosen.empty() || std::any_of(chosen.begin(), chosen.end(), reached)) return;
    auto const model   = chosen[0]->model();
    Param const* other = nullptr;
    bool of_the_model  = !model;
    gradients.each_param([&](Param const& p) { other = &p, of_the_model |= p.model() == model; }, where);
    if (of_the_model || !other) return;
    throw NameError(
        fmt::format("{}: {}: no gradient is of {} or of any other parameter of its model, but one is of {}: are these "
                    "the gradients of another model?",
                    text(where), who, chosen[0]->path(), other->path()));
}

}  // namespace unspool::core
