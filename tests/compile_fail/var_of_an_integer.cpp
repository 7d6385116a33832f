// Nor does an integer know one.
// expect: use of deleted function|call to deleted constructor
// expect: on which tape\?  Write tape.constant\(0.5\)
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
void f(Tape& tape) {
    Var h = tape.constant(0);
    h     = tape.zeros({2, 3});
}
#else
void f() {
    Var h = 0;
    h     = 1;
}
#endif
