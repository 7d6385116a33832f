// Calls that must throw, and the lines that they stand on.
#pragma once
#include <boost/test/unit_test.hpp>
#include <functional>
#include <nn/cells.hpp>
#include <unspool.hpp>
#include <vector>

namespace provoked {

using namespace unspool;

struct Provoked {
    int line;
    std::function<void()> call;
};

/// What calls are made of.
struct Calls {
    Params params{1};
    Tape tape;
    Var empty, x = tape.input(xt::xarray<float>{{1, 2, 3}, {4, 5, 6}}, "x");
    Param& w = params.zeros("w", {2, 3});

    /// Does the message of each begin with its line of this file?
    static void check(std::string const& file, std::vector<Provoked> const& all) {
        for (Provoked const& p : all) {
            std::string const said = cells::message<Error>(p.call), line = file + ":" + std::to_string(p.line) + ": ";
            BOOST_TEST(said.starts_with(line), p.line << ": " << said);
        }
    }
};

}  // namespace provoked
