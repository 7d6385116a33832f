// Programs that answer, fail, go on for ever, do not exist, or have more to say than a pipe holds.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/child_process.hpp>

using namespace unspool::core;

namespace {

ChildProcess shell(std::string const& script, std::string const& input = "", double seconds = 20) {
    return run_program("sh", {"-c", script}, input, seconds);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_process)

BOOST_AUTO_TEST_CASE(reads_all_and_answers) {
    std::string const much(3'000'000, 'x');
    auto const ran = run_program("cat", {}, much, 20);
    BOOST_TEST((ran.end == ChildProcess::exited && ran.status == 0));
    BOOST_TEST((ran.out == much && ran.errors.empty()));
}

BOOST_AUTO_TEST_CASE(fails_and_says_why) {
    auto const ran = shell("cat; echo why >&2; exit 3", "in");
    BOOST_TEST((ran.end == ChildProcess::exited && ran.status == 3));
    BOOST_TEST(ran.out == "in");
    BOOST_TEST(ran.errors == "why\n");
}

BOOST_AUTO_TEST_CASE(takes_words_as_they_are) {
    auto const ran = run_program("printf", {"%s|", "a b", "$HOME", "\"';"}, "", 20);
    BOOST_TEST(ran.out == "a b|$HOME|\"';|");
    BOOST_CHECK_THROW(run_program("printf", {"%s|", ""}, "", 20), unspool::ValueError);
}

BOOST_AUTO_TEST_CASE(is_stopped_after_its_time) {
    BOOST_TEST((shell("echo first; while :; do :; done", "", 0.2).end == ChildProcess::stopped));
    BOOST_TEST((shell("while :; do :; done", "", NAN).end == ChildProcess::stopped));
}

BOOST_AUTO_TEST_CASE(is_not_there) {
    BOOST_TEST((run_program("no such program", {}, "", 20).end == ChildProcess::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
