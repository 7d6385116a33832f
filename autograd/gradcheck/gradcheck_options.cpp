// Numbers that make no sense as steps and tolerances.
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/gradcheck/gradcheck_options.hpp>

namespace unspool::core {

void require_comparable(GradcheckOptions const& o, Where where) {
    auto const refuse = [where](char const* name, double x, char const* must) {
        throw ValueError(located(where, fmt::format("gradcheck: {} is {}, but must be {}", name, x, must)));
    };
    if (!(o.step > 0) || !std::isfinite(o.step)) refuse("step", o.step, "finite and above 0");
    if (!(o.relative >= 0)) refuse("relative", o.relative, "0 or above");
    if (!(o.absolute >= 0)) refuse("absolute", o.absolute, "0 or above");
    if (!(o.jitter >= 0) || !std::isfinite(o.jitter)) refuse("jitter", o.jitter, "finite, and 0 or above");
}

}  // namespace unspool::core
