// A user's program: it knows the library by its umbrella header alone.
#include <unspool.hpp>

int main() {}
