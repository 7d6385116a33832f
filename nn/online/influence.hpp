// How the state depends on the parameters, by way of all steps so far: kept whole, in part, or as a guess that is right
// on average.
#pragma once
#include <memory>
#include <unspool/autograd/array/random.hpp>
#include <unspool/nn/online/step_sweeps.hpp>

namespace unspool::core {

/// By parameter, in the order in which a step met them first.
using ByParam = std::vector<std::pair<Param const*, std::vector<double>>>;

/// The parts of a state: whose elements are where.
struct StateLayout {
    std::vector<Shape> shapes;
    std::size_t output = none;  // the part that comes out, if it is one

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// What has been advanced counts from commit() on, so that a step that fails changes nothing.
class Influence {
public:
    virtual ~Influence() = default;

    /// Behind a step: the rows that are named are those of its state, the others stay.
    virtual void advance(StepSweeps const&, std::vector<bool> const& rows) = 0;
    /// Σ ds_i ∂s_i/∂θ, of what was advanced.
    virtual ByParam through(std::span<double const> ds) const = 0;
    virtual void commit()                                     = 0;
    virtual void layout(StateLayout const&) {}  ///< told once, before the first step
};

std::unique_ptr<Influence> whole_influence();
std::unique_ptr<Influence> sparse_influence(Index order);  ///< what reaches the state within so many steps
std::unique_ptr<Influence> own_influence();                ///< what each unit has of itself
std::unique_ptr<Influence> guessed_influence(Random&);     ///< by one product of two vectors

}  // namespace unspool::core
