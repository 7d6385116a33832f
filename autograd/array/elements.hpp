// An array in a line of text.
#pragma once
#include <string>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// The type, the shape and the first elements: "float32 [2,3] {0.1, 0.2, 0.3, 0.4, 0.5, …}", "float64 0.25" of a scalar.
std::string elements_text(Dtype, void const* data, Shape const&, Strides const&);

/// "[1,2]": an element by its number, the last axis fastest; "" of a scalar.
std::string place(Shape const&, Index element);

}  // namespace unspool::core
