// A value is on a tape, which a number does not know.
// expect: on which tape\?  Write tape.constant\(0.5\)
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
Var f(Tape& tape) { return tape.constant(0.5); }
#else
Var f(Tape&) { return 0.5; }
#endif
