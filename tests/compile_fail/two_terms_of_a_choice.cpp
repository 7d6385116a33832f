// Two formulas have two types, so a choice between them needs `Var(…)` around one.
// expect: (operands to .\?:. have different types|incompatible operand types)
#include <unspool/ops/ops.hpp>

using unspool::Var;

#ifdef CONTROL
Var f(bool product, Var a, Var b) { return product ? Var(a * b) : a + b; }
#else
Var f(bool product, Var a, Var b) { return product ? a * b : a + b; }
#endif
