// What no array can be made of is refused in a line.
// expect: a value on a tape is made of a number, of a list of numbers, or of an xtensor expression
#include <string>
#include <unspool.hpp>
#include <vector>

using namespace unspool;

#ifdef CONTROL
using Element = double;
#else
using Element = std::string;
#endif

Var f(Tape& tape) { return tape.constant(std::vector<Element>(3)); }
