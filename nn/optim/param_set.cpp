// Whether gradients are those of the parameters that were chosen.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/optim/param_set.hpp>

namespace unspool::core {

void require_some(std::string_view who, Gradients const& gradients, std::span<Param* const> chosen, Where where) {
    Param const* other = nullptr;
    gradients.each_param([&](Param const& p) { other = &p; }, where);
    bool const some = std::any_of(chosen.begin(), chosen.end(), [&](Param* p) { return gradients.reached(*p); });
    if (chosen.empty() || some || !other) return;
    throw NameError(fmt::format(
        "{}: {}: none of the parameters that it was given has a gradient, neither {} nor any other, but {} has: are "
        "these gradients of another model?",
        text(where), who, chosen[0]->path(), other->path()));
}

}  // namespace unspool::core
