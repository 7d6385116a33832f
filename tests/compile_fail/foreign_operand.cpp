// A text is no operand.
// expect: use of deleted function .*operator\+|overload resolution selected deleted operator
// expect: operands are Vars, terms, Params, numbers and arrays
#include <string>
#include <unspool/ops/ops.hpp>

#ifdef CONTROL
unspool::Var f(unspool::Var x) { return x + 1; }
#else
unspool::Var f(unspool::Var x) { return x + std::string("1"); }
#endif
