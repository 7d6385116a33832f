// The error of a rule that gives another shape than it should.
#include <unspool/ops/arrays/custom.hpp>

namespace unspool::core {

void refuse_custom(std::string_view op, std::string const& what, Shape const& got, Shape const& expected) {
    throw ShapeError(fmt::format("{}: {} has the shape {} where {} was expected", op, what, text(got), text(expected)));
}

}  // namespace unspool::core
