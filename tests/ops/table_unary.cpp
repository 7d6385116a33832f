// The operations of one argument.
#include <ops/table.hpp>

std::vector<table::Row> table::unary() { return rows<1>(unspool::UnaryOps{}); }
