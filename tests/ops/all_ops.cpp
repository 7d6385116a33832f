// Every operation of all_ops.hpp is checked: its gradients against differences, and float32 against float64.  These are the
// operations on arrays, by their examples; those on elements are in elementwise.cpp.  Operands are arrays, parameters, and
// views of all kinds.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <ops/checks.hpp>
#include <regex>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;

namespace {

/// With operands that are parameters, in float32 as a model has them.
void check_parameters(std::string const& what, std::vector<Shape> const& shapes,
                      std::function<Var(Tape&, Inputs)> const& f) {
    Params params(4);
    std::vector<Param*> all;
    for (Shape const& s : shapes) all.push_back(&params.uniform(fmt::format("p{}", all.size()), s, -2, 2));
    auto const lifted = [&](Tape& tape, Inputs) {
        std::vector<Var> xs;
        for (Param* p : all) xs.push_back(tape.lift(*p));
        return f(tape, xs);
    };
    GradReport const r = gradcheck(lifted, {}, params);
    BOOST_TEST(r, what << "\n" << r);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(all_ops)

template <class Ops> void check_examples() {
    each_op(Ops{}, []<class Op>() {
        BOOST_TEST(!Op::examples().empty(), Op::name);
        for (Example const& e : Op::examples()) {
            std::string const what = fmt::format("{}, {}", Op::name, e.what);
            check_parameters(what, e.shapes, e.call);
            for (std::size_t way = 0; way < ways; ++way) {
                std::vector<std::size_t> alike(e.shapes.size(), way), differing(e.shapes.size());
                for (std::size_t k = 0; k < differing.size(); ++k) differing[k] = (way + k) % ways;
                check(viewed(what, e.shapes, alike, ordinary, e.call));
                if (e.shapes.size() > 1) check(viewed(what, e.shapes, differing, ordinary, e.call));
            }
        }
    });
}
BOOST_AUTO_TEST_CASE(reductions) { check_examples<ReduceOps>(); }
BOOST_AUTO_TEST_CASE(operations_on_lists) { check_examples<ListOps>(); }
BOOST_AUTO_TEST_CASE(linear_algebra) { check_examples<LinearOps>(); }
BOOST_AUTO_TEST_CASE(layout) { check_examples<LayoutOps>(); }
BOOST_AUTO_TEST_CASE(noise) { check_examples<NoiseOps>(); }
BOOST_AUTO_TEST_CASE(losses) { check_examples<LossOps>(); }

BOOST_AUTO_TEST_CASE(no_operation_is_missing_from_the_list) {
    std::size_t declared = 0;
    std::regex const name(R"(\n +static constexpr auto\s+name\s*=)");
    for (auto const& file : std::filesystem::recursive_directory_iterator(UNSPOOL_TESTS_DIR "/../ops")) {
        if (file.path().extension() != ".hpp" || file.path().stem() == "place")
            continue;  // what views pass back, which no one calls
        std::ifstream in(file.path());
        std::string const source(std::istreambuf_iterator<char>(in), {});
        declared +=
            static_cast<std::size_t>(std::distance(std::sregex_iterator(source.begin(), source.end(), name), {}));
    }
    std::size_t listed = 0;
    each_section([&]<class... Op>(Section<List<Op...>>) { listed += sizeof...(Op); });
    BOOST_TEST(declared == listed);
}

BOOST_AUTO_TEST_SUITE_END()
