// What a recorded step's state depends on: its Jacobians, a row or a direction at a time.
#pragma once
#include <cstdint>
#include <span>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

/// The elements of a Var or gradient, in double.
std::vector<double> elements(Var const&);
std::vector<double> elements(Values const&);

class StepSweeps {
public:
    /// Of parameters, those in `params` that are trained.
    StepSweeps(std::vector<Var> before, std::vector<Var> const& after, Params const& params);

    /// The gradient of Σ seed_i s_i.
    struct Row {
        std::vector<double> state;  // by the state before; empty where there is none
        std::vector<std::pair<Param const*, std::vector<double>>> params;  // by those that it depends on
    };
    Row row(std::span<double const> seed) const;
    Row row(std::size_t i, double seed = 1) const;  ///< of s_i alone

    /// J v, v as the state before.
    std::vector<double> along(std::span<double const> v) const;

    std::size_t size() const { return size_; }  ///< elements of the state
    bool from_a_state() const { return !before_.empty(); }
    std::uint64_t structure() const;  ///< another one where other operations were recorded, or of other operands

private:
    std::vector<Var> before_;
    Var after_;
    std::size_t size_;
    std::vector<Param const*> params_;
};

}  // namespace unspool::core
