// A term is not a value yet: who prints one is told so in a line.
// expect: a term has no value until it is assigned to a Var: print Var\(term\)
#include <iostream>
#include <unspool.hpp>

using namespace unspool;

void f(Var x) {
#ifdef CONTROL
    std::cout << Var(tanh(x) + 1) << x.shape();
#else
    std::cout << tanh(x) + 1;
#endif
}
