// Whether a picture can be read where it is shown.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// The height of the smallest print that pictures are made for, in pixels, as CSS counts them.
constexpr double least_print = 8.5;

/// How wide a picture may be, in points, so that on a page of so many pixels its smallest print is as high.
double widest(double page);
/// How wide a picture with time from left to right will be, about, in points.
double width_of(Diagram const&);

}  // namespace unspool::core
