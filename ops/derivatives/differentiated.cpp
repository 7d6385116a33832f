// The weights are the same each time that the function is asked for.
#include <unspool/autograd/array/random.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/derivatives/differentiated.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

Differentiable differentiated(Differentiable f) {
    return [f = std::move(f)](Tape& tape, std::span<Var const> inputs) {
        tape.mechanisms.pack = false;  // weights are packed after enough rows: from then on, sweeps round differently
        Var const y          = f(tape, inputs);
        std::vector<Var> xs(inputs.begin(), inputs.end());
        for (Node const* n : tape.nodes())
            if (n->param && n->requires_grad) xs.emplace_back(tape, n->value);
        Random random(3);
        Var const weights = tape.filled(y.shape(), {}, [&](auto to) {
            for (auto& w : to) w = static_cast<typename decltype(to)::value_type>(random.weight());
        });
        std::vector<Var> rows;
        for (Var const& g : gradient(sum(y * weights), xs)) rows.push_back(reshape(g, {-1}));
        return concat(rows);
    };
}

}  // namespace unspool::core
