// What a stream does at each step, with all addresses in it: no instruction looks anything up, or takes memory or a lock.
#pragma once
#include <memory>
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/cpu/backend.hpp>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/autograd/statement/loops.hpp>
#include <vector>

namespace unspool::core {

class Instruction {
public:
    virtual void run() const = 0;
    virtual ~Instruction()   = default;
};

/// The compiled loop of a statement, forward.
template <Real T> struct RunLoop final : Instruction {
    Loop<T> loop;
    std::vector<T const*> x;
    std::vector<Index> step, skip;
    std::vector<double> numbers;
    T* y;
    Index rows, n;

    void run() const override;
};

/// to = from or to += from, of one shape.
template <Real T> class RunCopy final : public Instruction {
public:
    RunCopy(Array<T> const& to, Array<T const> const& from, bool add = false);
    void run() const override;

private:
    T* to_;
    T const* from_;
    std::vector<Index> numbers_;
    Plan plan_;
    bool add_;
};

/// Sums, times a scale, of what lies in the order of a plan, whose stream 0 is the result.
template <Real T> struct RunSum final : Instruction {
    Plan plan;
    T const* from;
    T* to;
    Index n;  // results
    double scale;
    std::vector<double> mutable sums;

    void run() const override;
};

/// c = a b, or c += a b, where b has contiguous rows.
template <Real T> struct RunProduct final : Instruction {
    Index m, n, k;
    T const* a;
    backend::Layout layout;
    T const* b;
    Index ldb;
    bool add;
    T* c;
    Index ldc;
    backend::Kernel<T> kernel;

    void run() const override;
};

}  // namespace unspool::core
