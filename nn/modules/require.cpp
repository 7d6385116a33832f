// Words the errors of layers and optimisers.
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

void require_size(std::string_view layer, Params const& p, std::string_view size, Index n, Where where) {
    if (n < 1)
        throw ValueError(fmt::format("{}: {}{}{}: {} is {}, but must be at least 1", text(where), layer,
                                     p.path().empty() ? "" : " ", p.path(), size, n));
}

void require_number(bool fine, std::string_view owner, std::string_view name, double x, std::string_view range,
                    Where where) {
    if (!fine) throw ValueError(fmt::format("{}: {}: {} is {}, but must be {}", text(where), owner, name, x, range));
}

void require_at_least(Index least, std::string_view owner, std::string_view name, Index n, Where where) {
    if (n < least)
        throw ValueError(fmt::format("{}: {}: {} is {}, but must be at least {}", text(where), owner, name, n, least));
}

void require_not_negative(std::string_view owner, std::string_view name, double x, Where where) {
    require_number(x >= 0 && std::isfinite(x), owner, name, x, "finite and not negative", where);
}

}  // namespace unspool::core
