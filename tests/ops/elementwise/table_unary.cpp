// The operations of one argument.
#include <ops/elementwise/table.hpp>

std::vector<table::Row> table::unary() { return rows<1>(unspool::core::UnaryOps{}); }
