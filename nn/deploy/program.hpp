// A plan with memory of its own, as a list of instructions.
#pragma once
#include <memory>
#include <unspool/nn/deploy/instruction.hpp>
#include <unspool/nn/deploy/step_plan.hpp>
#include <vector>

namespace unspool::core {

/// What is the same at all steps, as the instructions read it: weights in panels, sums of biases, constants.  Filled by the first program,
/// and read by all.
template <Real T> struct FixedNumbers {
    Arena memory;
    std::vector<T const*> blocks;  // in the order in which a program asks for them
};

template <Real T> class Program {
public:
    Program(StepPlan const&, FixedNumbers<T>&);

    void run() const {
        for (auto const& i : code_) i->run();
    }
    T* at(Index place) const { return base_ + place; }
    T const* result(std::size_t k) const { return results_[k]; }  ///< contiguous

private:
    class Writer;

    Arena memory_;
    T* base_ = nullptr;
    std::vector<T*> results_;
    std::vector<std::unique_ptr<Instruction>> code_;
};

}  // namespace unspool::core
