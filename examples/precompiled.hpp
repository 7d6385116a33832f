// What nearly every example includes.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unspool.hpp>
