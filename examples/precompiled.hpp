// What every example includes, or the library does.
#include <fmt/format.h>
#include <unspool.hpp>
