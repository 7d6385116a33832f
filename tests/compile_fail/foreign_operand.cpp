// A text is no operand.
// expect: no match for .operator\+|invalid operands to binary expression
#include <string>
#include <unspool/ops/ops.hpp>

#ifdef CONTROL
unspool::Var f(unspool::Var x) { return x + 1; }
#else
unspool::Var f(unspool::Var x) { return x + std::string("1"); }
#endif
