// Of a cell that is a template, too, an operand that is none is named where it stands, with what operands are.
// expect: step_of_anything.cpp:[0-9]+:[0-9]+: error: (use of deleted function|overload resolution selected deleted operator).*operator
// expect: operands are Vars, terms, Params, numbers and arrays
#include <string>
#include <unspool.hpp>

using namespace unspool;

struct Templated {
    using State = Var;
    nn::Linear input;
    std::string name;

    template <class X> State operator()(X x, State h) const {
#ifdef CONTROL
        State next = tanh(input(x) + h);
#else
        State next = tanh(input(x) + name);
#endif
        return next;
    }
};

auto f(Templated const& cell, Var xs, Var h) { return scan(cell, xs, h); }
