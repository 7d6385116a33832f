// An operation that has no examples cannot be listed, and so cannot escape its gradient check.
// expect: Exemplified
// expect: domain
#include <unspool/ops/ops.hpp>

struct Undocumented {
    static constexpr auto name = "undocumented";
#ifdef CONTROL
    static std::vector<unspool::Example> examples();
#endif
};
using Listed = unspool::WithExamples<unspool::Matmul, Undocumented>;

struct Boundless {
    static constexpr auto name = "boundless";
#ifdef CONTROL
    static constexpr auto domain = unspool::Interval{-1, 1};
#endif
    template <class V> static V f(V x) { return x; }
    template <class V> static V df(V, V) { return V(1); }
};
using ListedToo = unspool::WithDomain<unspool::Tanh, Boundless>;
