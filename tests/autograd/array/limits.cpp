// The ends of what a tape can hold.
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

// Where memory runs out, the address sanitizer is to say so to us, and not to end the program.
extern "C" char const* __asan_default_options();
extern "C" char const* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace {
Where const line{"cell.cpp", 7};
}  // namespace

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(shapes_that_no_array_can_have) {
    Tape tape;
    auto const mark = tape.mark();
    auto const huge = xt::zeros<float>(std::vector<std::size_t>{std::size_t{1} << 31, std::size_t{1} << 31});
    BOOST_CHECK_EXCEPTION(tape.input(huge, "", line), ShapeError, [](auto& e) {
        return e.what() == std::string("cell.cpp:7: no array can have the shape [2147483648,2147483648]");
    });
    BOOST_CHECK_THROW(tape.input(xt::zeros<float>(std::vector<std::size_t>(7, 1))), ShapeError);
    BOOST_TEST((tape.size() == 0u && tape.mark().memory == mark.memory));
}

namespace {

/// Sizes near all that could go wrong, and some that make an array.
rc::Gen<Shape> extreme_shapes() {
    auto const size = rc::gen::element<Index>(0, 0, 0, 1, 1, 2, 3, 7, Index{1} << 20, Index{1} << 31, Index{1} << 32,
                                              most_elements / 3, most_elements, most_elements + 1, Index{1} << 62,
                                              PTRDIFF_MAX, -1, -2, PTRDIFF_MIN);
    return rc::gen::map(
        rc::gen::resize(Dims::max_rank, rc::gen::container<std::vector<Index>>(size)),
        [](std::vector<Index> v) { return Shape::of((v.resize(std::min(v.size(), Dims::max_rank)), v)); });
}

/// The rule, by other means: the product of the sizes that are not 0, in a type that is wide enough.
Index elements_by_rule(Shape const& s) {
    long double n = 1;  // whose 64 digits are enough
    bool empty    = false;
    for (Index d : s) {
        if (d < 0) return -1;
        if (d > 0 && n <= most_elements) n *= d;
        empty = empty || d == 0;
    }
    return n > most_elements ? -1 : empty ? 0 : static_cast<Index>(n);
}

enum class Outcome { made, refused, too_large };
std::ostream& operator<<(std::ostream& out, Outcome o) { return out << static_cast<int>(o); }

template <class Make> Outcome outcome(Index elements, Make make) {
    try {
        Shape const made = make();
        RC_ASSERT(count(made) == elements);
        return Outcome::made;
    } catch (ShapeError const&) { return Outcome::refused; } catch (MemoryError const&) {
        return Outcome::too_large;
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_makers_of_arrays_have_one_rule) {
    BOOST_TEST(rc::check([] {
        Shape const s = *extreme_shapes();
        Index const n = elements_by_rule(s);
        RC_PRE(n < 100'000 || n > Index{1} << 47);  // between them, a machine may have the memory
        Shape reversed = s;
        std::reverse(reversed.begin(), reversed.end());
        Outcome const expected = n < 0 ? Outcome::refused : n > 100'000 ? Outcome::too_large : Outcome::made;
        for (Shape const& shape : {s, reversed})
            for (Dtype dtype : {float32, float64}) {
                Tape tape(dtype);
                Params params(0, dtype);
                RC_ASSERT(elements_or_none({shape.begin(), shape.end()}) == n);
                RC_ASSERT(outcome(n, [&] { return tape.zeros(shape).shape(); }) == expected);
                RC_ASSERT(outcome(n, [&] { return tape.filled(shape, line, [](auto) {}).shape(); }) == expected);
                RC_ASSERT(outcome(n, [&] { return params.zeros("w", shape).shape(); }) == expected);
                RC_ASSERT(outcome(n, [&] { return broadcast_to(tape.input(1.0), shape).shape(); }) == expected);
                RC_ASSERT(tape.size() == (expected == Outcome::made ? 4u : 1u));
                if (n > 0 || std::find(shape.begin(), shape.end(), -1) != shape.end())
                    continue;  // -1 is for reshape to find
                Var const nothing =
                    tape.input(xt::zeros<float>(std::vector<std::size_t>{0}));  // as much as has no memory
                RC_ASSERT(outcome(n, [&] { return reshape(nothing, shape).shape(); }) == expected);
            }
    }));
}

BOOST_AUTO_TEST_CASE(empty_arrays_do_not_become_impossible_ones) {
    Tape tape;
    Index const large = Index{1} << 58;
    Var const x = tape.zeros({0, large}), y = tape.zeros({large, 0, 1}), z = tape.zeros({1, 0, large});
    auto const says = [](auto f) {
        try {
            f();
        } catch (ShapeError const& e) { return std::string(e.what()).find("limits.cpp:") != std::string::npos; }
        return false;
    };
    BOOST_TEST(says([&] { return Var(y * z); }));
    BOOST_TEST(says([&] { return Var(sum(z * y)); }));  // whose result would be a scalar
    BOOST_CHECK_THROW(concat({x, x, x, x, x, x, x, x}, 1), ShapeError);
    std::vector<Var> const many(40, x);
    BOOST_CHECK_THROW(concat(many, 1), ShapeError);
    BOOST_TEST((concat({x, x}, 1).shape() == Shape{0, 2 * large}));
    BOOST_CHECK_THROW(stack(many, 0), ShapeError);
    BOOST_CHECK_THROW(repeat(x, 1 << 20, 1), ShapeError);
    BOOST_CHECK_THROW(repeat(x, large, 1), ShapeError);
    BOOST_CHECK_THROW(pad(x, 1, PTRDIFF_MAX - large, 0), ShapeError);
    BOOST_CHECK_THROW(reshape(x, {0, large, large}), ShapeError);
    BOOST_TEST((sum(x, 1).shape() == Shape{0}));
}

BOOST_AUTO_TEST_CASE(more_memory_than_there_is) {
    Tape tape;
    Params params;
    Var const x = tape.input(xt::xarray<float>{1, 2}), y = x * 2;
    auto const mark  = tape.mark();
    auto const bytes = tape.bytes_reserved();
    auto const large = xt::zeros<float>(std::vector<std::size_t>{1u << 24, 1u << 24});
    BOOST_CHECK_EXCEPTION(tape.input(large, "", line), MemoryError, [](auto& e) {
        return e.what() ==
               std::string(
                   "cell.cpp:7: out of memory: an array of the shape [16777216,16777216] takes 1125899906842624 bytes");
    });
    BOOST_CHECK_THROW(params.zeros("w", {1 << 24, 1 << 24}), MemoryError);
    BOOST_TEST((tape.size() == 2u && tape.mark().memory == mark.memory && tape.bytes_reserved() == bytes &&
                params.all().empty()));
    BOOST_TEST((backward(sum(y))[x].value<float>() == xt::xarray<float>{2, 2}));
}

BOOST_AUTO_TEST_CASE(ten_thousand_parameters) {
    Tape tape;
    std::vector<Param*> all;
    Params params;
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
    Tape tape;
    Params params;
    Param& w         = params.constant("w", {3}, 2);
    Var const x      = tape.input(xt::xarray<float>{1, 2, 3});
    auto mark        = tape.mark();
    Var const y      = x * w + 1;
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
