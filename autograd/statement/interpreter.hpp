// Runs a formula by its operations' kernels, block by block, so that what is computed on the way stays in the cache.  It does what
// the two compiled loops do: the same adjoints, to the bit where an operand is not repeated, and values within their rounding.
#pragma once
#include <span>
#include <unspool/autograd/formula/equation.hpp>
#include <unspool/autograd/statement/kernel.hpp>
#include <vector>

namespace unspool::core {

template <Real T> class Interpreter {
public:
    static constexpr Index block = 256;  // elements: longer ones leave the cache, shorter ones wait for the calls

    /// A kernel for each token, null for leaves and numbers.
    Interpreter(std::span<Token const>, std::span<Kernels const* const>);

    void forward(Streams<T> const&, Index rows, Index n);
    void reverse(Streams<T> const&, Index rows, Index n);

private:
    struct Step {
        Kernels const* kernels = nullptr;
        int operands[3]{-1, -1, -1};
        int arity = 0, leaf = -1, number = -1;
        bool guarded = false;  // below an operation that selects
        bool at_once =
            false;  // a leaf whose adjoint may be written where its operation is pulled: those to its left are done
    };
    struct Row {
        Index number, begin, length;
    };

    void find_operands(std::span<Token const>);
    void order_way_back();
    void fill_numbers(double const*);
    void read(Streams<T> const&, Row const&, Index n);
    void compute(int last, T* y, Index m);
    void pull(int k, Streams<T> const&, Row const&, Index n);
    void take(int k, Streams<T> const&, T const* from, Row const&, Index n);
    bool writes_at_once(Step const&, Streams<T> const&) const;
    T* value(int k) { return memory_.data() + k * block; }
    T* adjoint(int k) { return value(k + static_cast<int>(steps_.size())); }
    Step& step(int k) { return steps_[static_cast<std::size_t>(k)]; }
    int root() const { return static_cast<int>(steps_.size()) - 1; }

    std::vector<Step> steps_;
    std::vector<int> way_back_;  // operations, and leaves that are not written at once, from left to right
    std::vector<T> memory_;      // a block for each value and each adjoint
    std::vector<T const*> at_;   // where the values are
};

}  // namespace unspool::core
