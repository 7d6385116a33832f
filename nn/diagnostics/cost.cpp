// Counts what nodes keep.
#include <unspool/nn/diagnostics/cost.hpp>

namespace unspool::core {

Index bytes_of(Node const& n) { return count(n.value.shape) * bytes_of_element; }

std::string grouped(Index n) {
    std::string out = std::to_string(n);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
    return out;
}

}  // namespace unspool::core
