// Every operation, differentiated again: gradient() against the kernels of backward(), and its own gradients, of second and third order,
// against differences.  Operands are views of all kinds.
#include <boost/test/unit_test.hpp>
#include <ops/derivatives/checks.hpp>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;

namespace {

template <class Ops> void check_examples() {
    each_op(Ops{}, []<class Op>() {
        if constexpr (std::same_as<Op, Ctc>) return;
        for (Example const& e : Op::examples())
            for (std::size_t way = 0; way < ways; way += 2) {
                std::vector<std::size_t> each(e.shapes.size());
                for (std::size_t k = 0; k < each.size(); ++k) each[k] = (way + k) % ways;
                Case const c = viewed(fmt::format("{}, {}", Op::name, e.what), e.shapes, each, ordinary, e.call);
                check_second_order(c, 1e-6);
                if (way == 0) check_third_order(c, 1e-5);
            }
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(derivatives_of_all_ops)

BOOST_AUTO_TEST_CASE(reductions) { check_examples<ReduceOps>(); }
BOOST_AUTO_TEST_CASE(operations_on_lists) { check_examples<ListOps>(); }
BOOST_AUTO_TEST_CASE(linear_algebra) { check_examples<LinearOps>(); }
BOOST_AUTO_TEST_CASE(layout) { check_examples<LayoutOps>(); }
BOOST_AUTO_TEST_CASE(noise) { check_examples<NoiseOps>(); }
BOOST_AUTO_TEST_CASE(losses) { check_examples<LossOps>(); }

// What has no derivative of this kind says so, with its line and that of the question, and leaves the tape as it was.
BOOST_AUTO_TEST_CASE(what_has_none_is_refused) {
    Tape tape(float64);
    Var const x     = tape.input(ordinary({4, 1, 3}, 1));
    Var const loss  = ctc(log_softmax(x), {{1, 2}});
    auto const size = tape.size();
    auto const says = [](TypeError const& e) {
        std::string const what = e.what();
        return what.find("all_ops.cpp") == 0 && what.find("ctc, of all_ops.cpp:") != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(gradient(loss, x), TypeError, says);
    BOOST_TEST(tape.size() == size);
}

BOOST_AUTO_TEST_SUITE_END()
