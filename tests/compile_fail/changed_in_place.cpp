// What is on a tape stays as it is, and a parameter is written by name.
// expect: values do not change: .a = a \+ b., or .W.assign\(x\)
// expect: values do not change: .a = a \* b., or .W.assign\(x\)
// expect: its elements are written by .W.assign\(x\)
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
Var more(Var a, Var b) { return a = a + b; }
void twice(Param& W) { W.assign(2); }
void half(Params p) { p["W"].assign(0.5); }
#else
Var more(Var a, Var b) { return a += b, a; }
void twice(Param& W) { W *= 2; }
void half(Params p) { p["W"] = 0.5; }
#endif
