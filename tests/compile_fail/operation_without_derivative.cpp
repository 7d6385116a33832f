// An elementwise operation without `df` cannot be recorded.
// expect: (df|derivative)
#include <unspool/ops/ops.hpp>

struct Cube {
    static constexpr auto name   = "cube";
    static constexpr auto domain = unspool::core::Interval{-2, 2};
    template <class V> static V f(V x) { return x * x * x; }
#ifdef CONTROL
    template <class V> static V df(V x, V) { return V(3) * x * x; }
#endif
};

unspool::Var cube(unspool::Var x) { return unspool::core::apply<Cube>(x); }
