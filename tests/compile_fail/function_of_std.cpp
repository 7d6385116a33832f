// The standard library's functions are of numbers; the library's are found without a namespace.
// expect: error: no matching function for call to .(std::)?tanh
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
Var f(Var x) { return tanh(x); }
#else
Var f(Var x) { return std::tanh(x); }
#endif
