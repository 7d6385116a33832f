// A program that has registers, of a width that depends on its options.
#include <iostream>
#include <unspool/autograd/cpu/build_info.hpp>
#include <unspool/autograd/cpu/simd.hpp>

int main() { std::cout << unspool::build_info(); }
