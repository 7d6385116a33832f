// An operation that has no examples, or does not describe itself, cannot be listed, and so cannot escape its gradient check.
// expect: Exemplified
// expect: Bounded
// expect: Tanh, Boundless
// expect: Tanh, Undescribed
#include <unspool/ops/all_ops.hpp>

struct Undocumented {
    static constexpr auto name = "undocumented";
    static constexpr unspool::core::About about{"x", "1", "Var y = undocumented(x);"};
#ifdef CONTROL
    static std::vector<unspool::core::Example> examples();
#endif
};
using Listed = unspool::core::WithExamples<unspool::core::Matmul, Undocumented>;

struct Boundless {
    static constexpr auto name = "boundless";
    static constexpr unspool::core::About about{"x", "1", "Var y = boundless(x);"};
#ifdef CONTROL
    static constexpr auto domain = unspool::core::Interval{-1, 1};
#endif
    template <class V> static V f(V x) { return x; }
    template <class V> static V df(V, V) { return V(1); }
};
using ListedToo = unspool::core::WithDomain<unspool::core::Tanh, Boundless>;

struct Undescribed {
    static constexpr auto name   = "undescribed";
    static constexpr auto domain = unspool::core::Interval{-1, 1};
#ifdef CONTROL
    static constexpr unspool::core::About about{"x", "1", "Var y = undescribed(x);"};
#endif
    template <class V> static V f(V x) { return x; }
    template <class V> static V df(V, V) { return V(1); }
};
using ListedAsWell = unspool::core::WithDomain<unspool::core::Tanh, Undescribed>;
