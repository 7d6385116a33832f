// What the examples in the table of operations run with: each is compiled, and run, with these.
#pragma once
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

/// Operands that suit any of them.
struct Lines {
    Tape tape{float64};
    Random random{7};
    Var x = tape.input(xt::xarray<double>{{0.5, 0.2, 0.9}, {0.3, 0.8, 0.4}, {0.7, 0.6, 0.1}});
    Var a = tape.input(xt::xarray<double>{{0.4, 0.6, 0.3}, {0.1, 0.2, 0.9}, {0.8, 0.7, 0.5}});
    Var b = tape.input(xt::xarray<double>{{0.9, 0.3, 0.2}, {0.5, 0.1, 0.8}, {0.6, 0.4, 0.7}});
    Var W = tape.input(xt::xarray<double>{{0.2, 0.1, 0.7}, {0.6, 0.9, 0.3}, {0.4, 0.5, 0.8}});
    Var c = tape.input(xt::xarray<double>{0.3, 0.5, 0.4});
};
