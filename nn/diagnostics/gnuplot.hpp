// Another program's work: gnuplot.
#pragma once
#include <string>
#include <string_view>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

/// What gnuplot writes for a program, in so many seconds.  FileError where it is not installed, fails, takes longer or writes
/// nothing; with what it said.
std::string gnuplot(std::string const& program, double seconds);

/// A text as gnuplot reads it, whatever it holds; on one line, and of what is very long the beginning.
std::string gnuplot_text(std::string_view);
/// The same beside a tic, where gnuplot looks for formats of numbers.
std::string gnuplot_tic(std::string_view);

/// What to set as its terminal for a picture of this file's kind, .svg, .png or .pdf, and so many pixels.  ValueError for
/// another.
std::string gnuplot_terminal(std::string const&, Index width, Index height, Where);

}  // namespace unspool::core
