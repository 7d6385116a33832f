// A parameter is not copied, and the line that says so says what to write.
// expect: hold a reference, .Param& W;.
#include <unspool.hpp>

using namespace unspool;

struct Mine {
#ifdef CONTROL
    Param& W;
#else
    Param W;
#endif
    explicit Mine(Params p) : W(p.zeros("W", {3})) {}
};
Mine f(Params p) { return Mine(p); }
