// A Var is no condition, alone or in a choice.
// expect: it has a value for each element: x.item\(\) != 0, or where\(mask, a, b\)
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
Var f(Var a, Var b, Var c) { return a.item() != 0 ? b : c; }
#else
Var f(Var a, Var b, Var c) { return a ? b : c; }
#endif
