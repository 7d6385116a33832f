// What the library says of how it was built, and of the processor it runs on.
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <unspool/autograd/cpu/build_info.hpp>
#include <unspool/autograd/cpu/processor.hpp>

using namespace unspool;
using namespace unspool::core;

BOOST_AUTO_TEST_SUITE(build)

BOOST_AUTO_TEST_CASE(says_how_it_was_made) {
    BuildInfo const b = build_info();
    BOOST_TEST(!b.version.empty());
    BOOST_TEST(!b.compiler.empty());
    BOOST_TEST((b.products.starts_with("libxsmm, ") || b.products.starts_with("OpenBLAS, ")), b.products);
    BOOST_TEST(b.instructions.find(": ") != std::string::npos, b.instructions);
    std::ostringstream out;
    out << b;
    BOOST_TEST(out.str().find("products      " + b.products + "\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_the_instructions_that_are_missing) {
    char names[128];
    Instructions all, none{}, others;
    for (std::size_t i = 0; i < Instructions::count; ++i) all.has[i] = true, others.has[i] = i % 2 == 0;
    BOOST_TEST(list_missing(all, all, names, sizeof names) == 0);
    BOOST_TEST(std::string(names) == "");
    BOOST_TEST(list_missing(none, others, names, sizeof names) == 0);
    BOOST_TEST(list_missing(all, others, names, sizeof names) == 4);
    BOOST_TEST(std::string(names) == "avx fma avx512f avx512dq");
    BOOST_TEST(list_missing(all, none, names, 12) == 9);
    BOOST_TEST(std::string(names) == "sse4.2 avx ");
}

BOOST_AUTO_TEST_CASE(this_processor_has_what_the_library_was_compiled_for) {
    char names[128];
    BOOST_TEST(list_missing(instructions_of_library, instructions_here(), names, sizeof names) == 0, names);
}

BOOST_AUTO_TEST_SUITE_END()
