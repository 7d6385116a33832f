// The exceptions, and the one place that words them.
#pragma once
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

/// The base of all that Unspool throws.  Whatever threw has left every object as it was.
struct Error : std::runtime_error {
    explicit Error(std::string_view what);  ///< of which at most 2,000 bytes are kept, the first and the last
};
struct ShapeError : Error {
    using Error::Error;
};  ///< shapes or sizes do not fit
struct TypeError : Error {
    using Error::Error;
};  ///< float32 where float64 was expected, or the reverse
struct TapeError : Error {
    using Error::Error;
};  ///< a Var of another tape, of a rewound tape, or of none
struct IndexError : Error {
    using Error::Error;
};  ///< an index, axis or class outside its range
struct ValueError : Error {
    using Error::Error;
};  ///< a number outside its domain
struct NameError : Error {
    using Error::Error;
};  ///< a parameter that does not exist, or exists already
struct FileError : Error {
    using Error::Error;
};  ///< a file or program that cannot be used
struct MemoryError : Error {
    using Error::Error;
};  ///< more memory than there is
struct RankError : Error {
    using Error::Error;
};  ///< another process of the run failed, is not heard of, or does something else

/// An operand as an error shows it.
struct Shown {
    std::string name;
    std::optional<Shape> shape = {};  // none in a line that stands for several
};

/// How many columns of a terminal a text in UTF-8 takes, see utf8::width().
std::size_t columns(std::string_view);

/// "mgu.cpp:23: matmul: k is 5 in x but 3 in mgu.Wf", then what was expected (where not empty), then each operand.
std::string describe(Where, std::string_view op, std::string_view what, std::string_view expected,
                     std::span<Shown const>);

}  // namespace unspool::core

namespace unspool {

using core::Error, core::FileError, core::IndexError, core::MemoryError, core::NameError, core::RankError,
    core::ShapeError, core::TapeError, core::TypeError, core::ValueError;

}  // namespace unspool
