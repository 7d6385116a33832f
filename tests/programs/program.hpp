// A random program: a list of instructions, of which any part is a program as well, so that one that fails shrinks to few.
#pragma once
#include <array>
#include <cstdint>
#include <iosfwd>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace programs {

using unspool::Index;

/// What is done is number `form` of forms(); how, and with what, it decides by the numbers.
struct Instruction {
    std::uint8_t form;
    std::array<std::uint8_t, 8> numbers;
};

struct Program {
    std::vector<Instruction> code;
    std::uint8_t seed;  // of what the modes do at random
    bool seeded;        // backward() of an array with a seed, or of a scalar
};
void showValue(Program const&, std::ostream&);  ///< as C++; its name is rapidcheck's

/// The numbers of an instruction, one after the other.
class Choices {
public:
    explicit Choices(Instruction const& i) : numbers_(i.numbers) {}

    Index operator()(Index n) { return n < 2 ? 0 : numbers_[next_++ % numbers_.size()] % n; }  ///< one of n
    bool yes() { return (*this)(2) == 1; }

private:
    std::array<std::uint8_t, 8> numbers_;
    std::size_t next_ = 0;
};

}  // namespace programs
