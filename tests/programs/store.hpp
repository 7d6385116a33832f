// The numbers that a program computes with: they outlive its tapes, and are the same for every run.
#pragma once
#include <any>
#include <deque>
#include <map>
#include <string>
#include <unspool.hpp>

namespace programs {

using namespace unspool;
using namespace unspool::core;

/// Multiples of 1/256 in [-1, 1], so that both element types hold them exactly.
xt::xarray<double> numbers(Shape const&, std::uint64_t seed);

/// Which values of a program had to be made smaller: decided in its first run, lest a run that rounds otherwise decide otherwise.
using Scaled = std::map<std::size_t, bool>;

class Store {
public:
    Store(Dtype dtype, Scaled& s) : params(0, dtype), scaled(s) {}

    /// Input number k of the program, made when it is first asked for.
    xt::xarray<double> const& input(std::size_t k, Shape const&);
    /// A parameter of this name and shape, likewise.
    Param& parameter(std::string const& name, Shape const&);
    /// A cell whose parameters are below this path, likewise.
    template <class Cell> Cell cell(std::string const& path, Index in, Index hidden);

    /// The k-th value of the program that gradients do not pass through.  After freeze() it is what it was in the first run from there
    /// on, so that differences take it for a constant, too.
    Var frozen(std::size_t k, Var const& value);
    void freeze() { frozen_.clear(), freezes_ = true; }
    void thaw() { freezes_ = false; }

    /// Moves all inputs and parameters along a random direction, and back to where they were for a step of 0.
    void move(double step);
    double along(std::size_t k,
                 xt::xarray<double> const& gradient) const;  ///< of the gradient by array k, the part in that direction

    Params params;
    Scaled& scaled;

private:
    void start(Param&);
    xt::xarray<double> direction(std::size_t k, Shape const&) const;

    std::deque<xt::xarray<double>> inputs_, given_, frozen_;
    std::map<Param*, xt::xarray<double>> starts_;
    std::map<std::string, std::any> cells_;
    bool freezes_ = false;
};

template <class Cell> Cell Store::cell(std::string const& path, Index in, Index hidden) {
    if (!cells_.contains(path)) {
        cells_.emplace(path, Cell(params / path, in, hidden));
        for (Param* p : (params / path).all()) start(*p);
    }
    return std::any_cast<Cell>(cells_.at(path));
}

}  // namespace programs
