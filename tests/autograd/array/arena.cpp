// Memory that is handed out in order.
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <unspool/autograd/array/arena.hpp>
#include <unspool/autograd/backward/scratch.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {
bool aligned(void const* p, std::size_t to) { return reinterpret_cast<std::uintptr_t>(p) % to == 0; }
}  // namespace

BOOST_AUTO_TEST_SUITE(arena)

BOOST_AUTO_TEST_CASE(pieces_are_aligned_and_apart) {
    Arena arena;
    auto* a = static_cast<char*>(arena.allocate(3, 1));
    auto* b = static_cast<char*>(arena.allocate(8, 8));
    auto* c = static_cast<char*>(arena.array(65));
    auto* d = static_cast<char*>(arena.array(1));
    BOOST_TEST((aligned(b, 8) && aligned(c, 64) && aligned(d, 64)));
    BOOST_TEST((b >= a + 3 && c >= b + 8 && d >= c + 128));
    BOOST_TEST(arena.copy("name") == "name");
    BOOST_TEST(arena.copy("").empty());
}

BOOST_AUTO_TEST_CASE(rewinding_hands_out_the_same_memory) {
    Arena arena;
    arena.array(100);
    auto const mark = arena.mark();
    void* a         = arena.array(1000);
    void* big       = arena.array(1 << 20);  // in a block of its own
    std::memset(big, 1, 1 << 20);
    std::size_t const bytes = arena.bytes_reserved();
    for (int i = 0; i < 1000; ++i) {
        arena.rewind(mark);
        BOOST_TEST(arena.array(1000) == a);
        BOOST_TEST(arena.array(1 << 20) == big);
    }
    BOOST_TEST(arena.bytes_reserved() == bytes);
}

BOOST_AUTO_TEST_CASE(an_empty_array_has_an_address) {
    Arena arena;
    BOOST_TEST(arena.array(0) != nullptr);
}

BOOST_AUTO_TEST_CASE(scratch_is_reused_by_size) {
    Scratch scratch;
    for (std::size_t bytes : {0u, 1u, 64u, 65u, 80u, 96u, 100u, 127u, 128u, 129u, 1000u, 4096u, 5000u, 1u << 20}) {
        auto* p = static_cast<char*>(scratch.take(bytes));
        auto* q = static_cast<char*>(scratch.take(bytes));
        std::memset(p, 1, bytes), std::memset(q, 2, bytes);
        BOOST_TEST((bytes == 0 || (p[bytes - 1] == 1 && q[bytes - 1] == 2)), bytes << " bytes");
        BOOST_TEST((aligned(p, 64) && aligned(q, 64)));
        scratch.give_back(p, bytes);
        BOOST_TEST(scratch.take(bytes) == p);
    }
}

BOOST_AUTO_TEST_SUITE_END()
