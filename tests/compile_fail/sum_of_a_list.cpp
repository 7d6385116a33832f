// The outputs of a scan are several Vars, no term.
// expect: use of deleted function .*sum|call to deleted function 'sum'
// expect: of several Vars, write sum\(stack\(list\)\)
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
Var f(nn::RNNCell const& cell, Var xs, Var h) { return sum(stack(scan(cell, xs, h).outputs)); }
#else
Var f(nn::RNNCell const& cell, Var xs, Var h) { return sum(scan(cell, xs, h).outputs); }
#endif
