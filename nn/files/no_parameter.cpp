// How it is worded that there is no parameter.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/no_parameter.hpp>

namespace unspool::core {

void require_any(bool any, std::string_view who, std::string_view what, Where where) {
    if (!any)
        throw NameError(fmt::format("{}: {} has no parameter to {}: it was made for an empty list, or for a part of a "
                                    "model that has none",
                                    text(where), who, what));
}

}  // namespace unspool::core
