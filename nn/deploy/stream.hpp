// A recurrent cell step by step, as audio callbacks and controllers run one: no tape, and after construction no memory is taken and no
// lock, whatever the cell.
#pragma once
#include <memory>
#include <unspool/nn/deploy/program.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// `nn::Stream s(cell);`, and at each step `std::span<float const> y = s(x);`, of x [batch,in].  y is valid until the next step.
///
/// It computes what the cell records on a tape, by the same loops and products, with the weights as they were when it was made.  One stream
/// is of one thread at a time; a copy of it goes on from the same state by itself, in any thread, with the same weights in memory.  An
/// array operation that is neither a product nor elementwise (softmax along an axis that is not the last, conv1d, custom ones) may
/// take memory in the first step of a thread.
template <Real T = float> class Stream {
public:
    /// Errors are those of step_plan(); TypeError where the options ask for another element type.
    template <core::Plannable C> explicit Stream(C const& cell, PlanOptions options = {}, Where where = Where::here())
        : Stream(core::plan_of(core::plannable(cell, options.batch, where), in_own_type(options, where), where),
                 where) {}
    /// TypeError where the plan is of the other element type.
    explicit Stream(StepPlan plan, Where = Where::here());

    /// A copy goes on by itself, from the same state, and shares the weights.
    Stream(Stream const&);
    Stream& operator=(Stream const& other) { return *this = Stream(other); }
    Stream(Stream&&)            = default;
    Stream& operator=(Stream&&) = default;
    ~Stream()                   = default;

    /// One step: an input for each that the cell takes, row-major.  ShapeError, which names the line where the stream was made, where the number
    /// of elements is another.
    template <std::convertible_to<std::span<T const>>... X> std::span<T const> operator()(X const&... x) {
        std::array<std::span<T const>, sizeof...(X)> const all{std::span<T const>(x)...};
        return step(all);
    }
    std::span<T const> step(std::span<std::span<T const> const> inputs);

    void reset();  ///< to what the cell's zeros() gives

    /// The parts of the state, by name: "h", "c", "lower.h".  NameError for no name of one.
    std::vector<std::string> state_names() const;
    std::span<T const> state(std::string_view name, Where = Where::here()) const;
    /// ShapeError for another number of them.
    void set_state(std::string_view name, std::span<T const> numbers, Where = Where::here());
    /// Of the last step: "y", and "dh_dx" of a plan with Jacobians.
    std::span<T const> result(std::string_view name, Where = Where::here()) const;

    StepPlan const& plan() const { return *plan_; }  ///< what it runs

private:
    static PlanOptions in_own_type(PlanOptions, Where);
    std::span<T> part(std::string_view name, Where) const;

    Where made_;
    std::shared_ptr<StepPlan const> plan_;
    std::shared_ptr<core::FixedNumbers<T>> fixed_;
    core::Program<T> program_;
};

Stream(StepPlan)->Stream<float>;

extern template class Stream<float>;
extern template class Stream<double>;

}  // namespace unspool::nn
