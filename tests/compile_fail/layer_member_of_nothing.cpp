// A layer is made in the list of its cell's constructor.
// expect: a constructor makes its members: .Mine\(Params p, Index in\) : W\(p / .W., in, 4\)
#include <unspool.hpp>

using namespace unspool;

struct Mine {
    nn::Linear W;
#ifdef CONTROL
    Mine(Params p, Index in) : W(p / "W", in, 4) {}
#else
    Mine(Params, Index) {}
#endif
};
Mine f(Params p) { return Mine(p, 3); }
