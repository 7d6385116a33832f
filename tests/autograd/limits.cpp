// The ends of what a tape can hold.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/gradients.hpp>
#include <unspool/autograd/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;

// Where memory runs out, the address sanitizer is to say so to us, and not to end the program.
extern "C" char const* __asan_default_options();
extern "C" char const* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace {
Where const line{"cell.cpp", 7};
}  // namespace

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(shapes_that_no_array_can_have) {
    Tape       tape;
    auto const mark = tape.mark();
    auto const huge = xt::zeros<float>(std::vector<std::size_t>{std::size_t{1} << 31, std::size_t{1} << 31});
    BOOST_CHECK_EXCEPTION(tape.input(huge, "", line), ShapeError, [](auto& e) {
        return e.what() == std::string("cell.cpp:7: no array can have the shape [2147483648,2147483648]");
    });
    BOOST_CHECK_THROW(tape.input(xt::zeros<float>(std::vector<std::size_t>(7, 1))), ShapeError);
    BOOST_TEST((tape.size() == 0u && tape.mark().memory == mark.memory));
}

BOOST_AUTO_TEST_CASE(more_memory_than_there_is) {
    Tape       tape;
    Params     params;
    Var const  x = tape.input(xt::xarray<float>{1, 2}), y = x * 2;
    auto const mark  = tape.mark();
    auto const bytes = tape.bytes_reserved();
    auto const large = xt::zeros<float>(std::vector<std::size_t>{1u << 24, 1u << 24});
    BOOST_CHECK_EXCEPTION(tape.input(large, "", line), MemoryError, [](auto& e) {
        return e.what() == std::string("cell.cpp:7: out of memory: an array of the shape [16777216,16777216] takes 1125899906842624 bytes");
    });
    BOOST_CHECK_THROW(params.zeros("w", {1 << 24, 1 << 24}), MemoryError);
    BOOST_TEST((tape.size() == 2u && tape.mark().memory == mark.memory && tape.bytes_reserved() == bytes && params.all().empty()));
    BOOST_TEST((backward(sum(y))[x].value<float>() == xt::xarray<float>{2, 2}));
}

BOOST_AUTO_TEST_CASE(ten_thousand_parameters) {
    Tape                                tape;
    std::vector<Param*>                 all;
    Params                              params;
    std::vector<std::unique_ptr<Param>> own;
    for (int i = 0; i < 10'000; ++i)
        own.push_back(std::make_unique<Param>(std::to_string(i), Shape{3}, float32)), own.back()->assign(i % 3);
    Var h = tape.input(0.0);
    for (auto const& p : own) h = h + *p;
    BOOST_TEST((tape.size() == 20'001u && h.value<float>()(2) == 9'999));
    Gradients const g = backward(sum(h));
    BOOST_TEST((g[*own.front()].value<float>()(0) == 1 && g[*own.back()].value<float>()(0) == 1));
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_rewinds) {
    Tape       tape;
    Params     params;
    Param&     w     = params.constant("w", {3}, 2);
    Var const  x     = tape.input(xt::xarray<float>{1, 2, 3});
    auto       mark  = tape.mark();
    Var const  y     = x * w + 1;
    auto const bytes = tape.bytes_reserved();
    for (int i = 0; i < 50'000; ++i) {
        tape.rewind(mark);
        Var const z = x * w + 1;
        BOOST_REQUIRE(z.value<float>()(2) == 7);
    }
    BOOST_CHECK_THROW(y.shape(), TapeError);
    for (int i = 0; i < 50'000; ++i) {
        tape.rewind();
        Var const z = tape.input(xt::xarray<float>{1, 2, 3}) * w + 1;
        BOOST_REQUIRE(z.value<float>()(2) == 7);
    }
    BOOST_TEST(tape.bytes_reserved() == bytes);
}

BOOST_AUTO_TEST_SUITE_END()
