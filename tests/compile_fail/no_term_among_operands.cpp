// Parameters and numbers alone make no term, because no tape is known.
// expect: no matching function for call to .clamp
// expect: no match for .operator<|invalid operands to binary expression
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using unspool::Param;
using unspool::Var;

#ifdef CONTROL
Var limited(Var x, Param& p) { return clamp(x, 0, p); }
Var compared(Var x, Param& p) { return x < p; }
#else
Var limited(Var, Param& p) { return clamp(p, 0, p); }
Var compared(Var, Param& p) { return p < p; }
#endif
