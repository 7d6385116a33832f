// What a plan cannot follow.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/carried.hpp>

namespace unspool::core {

void refuse_to_plan(std::string const& why, Where where) {
    throw TypeError(fmt::format("{}: {}, so that it cannot be planned", text(where), why));
}

}  // namespace unspool::core
