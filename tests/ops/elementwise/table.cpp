// The operations of several arguments, and the look-up.
#include <ops/elementwise/table.hpp>
#include <stdexcept>

namespace table {

std::vector<Row> binary() { return rows<2>(unspool::core::BinaryOps{}); }
std::vector<Row> ternary() { return rows<3>(unspool::core::TernaryOps{}); }

std::vector<Row> all() {
    std::vector<Row> out = unary();
    for (auto const& more : {binary(), ternary()}) out.insert(out.end(), more.begin(), more.end());
    return out;
}

Row named(std::string_view name, std::size_t arity) {
    for (Row const& r : arity == 1 ? unary() : arity == 2 ? binary() : ternary())
        if (r.name == name) return r;
    throw std::out_of_range("there is no operation " + std::string(name));
}

}  // namespace table
