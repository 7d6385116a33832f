// A tape that calls with errors must leave as it was.
#pragma once
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

namespace errors_of_ops {

using namespace unspool;
using namespace unspool::core;

inline constexpr Where here{"models/mgu.cpp", 23};

/// A tape with something on it, and a check that it is as it was.
struct Recorded {
    Tape tape{float64};
    Params params{1, float64};
    Param& W = (params / "mgu").uniform("Wf", {4, 3}, -1, 1);
    Param& v = params.uniform("v", {3}, -1, 1);
    Var x    = tape.input(xt::ones<double>({2, 5}), "x");
    Var y    = tape.input(xt::ones<double>({2, 3}), "y");
    Var s    = tape.input(2.0, "s");
    Var z    = Var(y * 2.0, here).named("z");

    double gradient() const {
        auto const g = backward(sum(z * z));
        return g[y].value<double>()(1, 2);
    }
    /// Does `f` throw E with this message, and change nothing?
    template <class E, class F> void refuses(F f, std::string const& message) {
        NodeId const size = tape.size();
        BOOST_CHECK_EXCEPTION(f(), E, [&](E const& e) {
            BOOST_TEST(e.what() == message);
            return true;
        });
        BOOST_TEST(tape.size() == size);
        Tape::Mark const mark = tape.mark();
        BOOST_TEST(gradient() == 8);
        tape.rewind(mark);
    }
};

}  // namespace errors_of_ops
