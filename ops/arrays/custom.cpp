// What custom operations share.
#include <fmt/format.h>
#include <unspool/ops/arrays/custom.hpp>
#include <vector>

namespace unspool::core {

void require_custom_shape(char const* op, int operand, Shape const& got, Shape const& expected) {
    if (got == expected) return;
    std::string const what = operand < 0 ? "the result" : fmt::format("the adjoint of operand {}", operand);
    throw ShapeError(fmt::format("{}: {} has the shape {} where {} was expected", op, what, text(got), text(expected)));
}

template <Real T> T* custom_scratch(Index n) {
    thread_local std::vector<T> memory;
    if (memory.size() < static_cast<std::size_t>(n)) memory.resize(static_cast<std::size_t>(n));
    return memory.data();
}
template float* custom_scratch<float>(Index);
template double* custom_scratch<double>(Index);

}  // namespace unspool::core
