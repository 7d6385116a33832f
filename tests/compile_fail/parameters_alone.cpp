// Parameters and numbers alone make a term that knows no tape.
// expect: parameters alone know no tape: write tape.lift
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
