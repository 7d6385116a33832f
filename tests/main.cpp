// The entry point of every test program; the tests are in the directories beside it.
#define BOOST_TEST_MODULE unspool
#include <boost/test/unit_test.hpp>
