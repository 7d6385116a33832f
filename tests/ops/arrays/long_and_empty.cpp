// Arrays without elements along one axis, and of any size along another: there is nothing to do, however long that axis is.
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <functional>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace long_and_empty {

namespace {

constexpr Index size = 1'000'000'000'000;

struct Along {
    char const* name;
    std::function<Var(Var, Index axis)> call;
};
std::vector<Along> calls() {
    return {
        {"softmax", [](Var x, Index a) { return softmax(x, a); }},
        {"log_softmax", [](Var x, Index a) { return log_softmax(x, a); }},
        {"layer_norm", [](Var x, Index a) { return layer_norm(x, a); }},
        {"rms_norm", [](Var x, Index a) { return rms_norm(x, a); }},
        {"cumsum", [](Var x, Index a) { return cumsum(x, a); }},
        {"cumprod", [](Var x, Index a) { return cumprod(x, a); }},
        {"sum", [](Var x, Index a) { return sum(x, a); }},
        {"mean", [](Var x, Index a) { return mean(x, a); }},
        {"prod", [](Var x, Index a) { return prod(x, a); }},
        {"norm2", [](Var x, Index a) { return norm2(x, a); }},
        {"logsumexp", [](Var x, Index a) { return logsumexp(x, a); }},
        {"max", [](Var x, Index a) { return max(x, a); }},
        {"flip", [](Var x, Index a) { return flip(x, a); }},
        {"roll", [](Var x, Index a) { return roll(x, 3, a); }},
        {"concat",
         [](Var x, Index a) {
             return concat({x, x}, a);
         }},
        {"stack",
         [](Var x, Index a) {
             return stack({x, x}, a);
         }},
        {"pad", [](Var x, Index a) { return pad(x, a, 1, 1); }},
        {"a statement", [](Var x, Index a) { return Var(tanh(x) * x + static_cast<double>(a)); }},
        {"transpose", [](Var x, Index) { return contiguous(transpose(x)); }},
        {"linear_recurrence", [](Var x, Index) { return linear_recurrence(x, x); }},
        {"linear_recurrence of one number", [](Var x, Index) { return linear_recurrence(x.tape().constant(0.5), x); }},
        {"dropout", [](Var x, Index) { return dropout(x, 0.5, 7); }}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(long_and_empty_arrays)

// Or says that there is no memory for as many results.
BOOST_AUTO_TEST_CASE(take_no_time) {
    for (Shape const& shape : {Shape{size, 0}, Shape{0, size}, Shape{3, 0, size}, Shape{size, 0, 3}, Shape{0, 2, size}})
        for (Along const& c : calls())
            for (Index axis = 0; axis < static_cast<Index>(shape.rank()); ++axis) {
                Tape tape;
                Var const x = tape.zeros(shape), y = x * 2;
                BOOST_TEST_INFO(c.name << " of " << text(shape) << " along " << axis);
                try {
                    Var const out = c.call(y, axis);
                    if (count(out.shape()) < 1000) backward(Var(sum(out)));
                    BOOST_TEST(true);
                } catch (Error const& e) { BOOST_TEST(!std::string(e.what()).empty()); }
            }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace long_and_empty
