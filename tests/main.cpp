// The entry point of every test program; the tests are in the directories beside it.
#define BOOST_TEST_MODULE unspool
#include <boost/test/unit_test.hpp>
#include <cstdlib>

// Random cases are the same in each run, unless RC_PARAMS says others.
struct Repeatable {
    Repeatable() { setenv("RC_PARAMS", "seed=1", 0); }
};
BOOST_TEST_GLOBAL_CONFIGURATION(Repeatable);
