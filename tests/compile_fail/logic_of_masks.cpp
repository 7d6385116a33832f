// Masks are numbers, and meet as numbers do.
// expect: of masks of 0 and 1, write .a \* b
// expect: of masks of 0 and 1, write .maximum\(a, b\)
// expect: of a mask of 0 and 1, write .1 - a
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
Var both(Var a, Var b) { return a * (b > 0); }
Var either(Var a, Var b) { return maximum(a > 0, b); }
Var neither(Var a) { return 1 - a; }
#else
Var both(Var a, Var b) { return a && b > 0; }
Var either(Var a, Var b) { return a > 0 || b; }
Var neither(Var a) { return !a; }
#endif
