// What a step that is a template returns is looked at when it is compiled: that is told where it stands, and not through all of a scan.
// expect: step_of_another_type.cpp:[0-9]+:[0-9]+: error: (could not convert|no viable conversion)
// places: 4
#include <unspool.hpp>

using namespace unspool;

struct State {
    Var h, c;
};
struct Mine {
    nn::Linear W;
    template <class X, class S> State operator()(X x, S s) const {
#ifdef CONTROL
        return {tanh(W(x) + s.h), s.c};
#else
        return tanh(W(x) + s.h);
#endif
    }
};
State f(Mine const& cell, Var xs, State s) { return scan(cell, xs, s).state; }
