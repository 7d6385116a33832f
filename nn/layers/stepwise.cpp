// Layers without a state, tables, and layers one after another.
#include <unspool/nn/layers/look_up.hpp>
#include <unspool/nn/layers/sequential.hpp>
#include <unspool/nn/layers/stepwise.hpp>

namespace unspool::nn {

Var look_up(Var numbers, Param const& table, Where where) {
    return core::call(core::LookUp{}, where, numbers.detach(where),
                      numbers.tape(where).lift(table, where).detach(where));
}

Stepwise stepwise_of_function(std::function<Var(Var, Where)> f) {
    return {.zeros = [](Tape&, Index) { return std::vector<Var>(); },
            .step =
                [f = std::move(f)](Var x, std::span<Var const>, Where where) {
                    return Stepwise::Step{f(x, where), {}};
                }};
}

Stepwise stepwise(Embedding const& embedding) {
    Stepwise out =
        stepwise_of_function([table = &embedding.weight](Var x, Where where) { return look_up(x, *table, where); });
    out.input = Shape{};
    return out;
}

Stepwise stepwise(Sequential const& model) {
    Stepwise out;
    std::vector<Stepwise> const layers = model.stepwise();
    if (model.features() > 0) out.input = Shape{model.features()};
    else if (!layers.empty()) out.input = layers[0].input;
    for (std::size_t k = 0; k < layers.size(); ++k) {
        for (auto const& name : layers[k].names) out.names.push_back(std::to_string(k) + "." + name);
        if (!layers[k].refused.empty() && out.refused.empty())
            out.refused = "layer " + std::to_string(k) + ", " + model.name(k) + ": " + layers[k].refused;
    }
    out.zeros = [layers](Tape& tape, Index batch) {
        std::vector<Var> all;
        for (Stepwise const& l : layers)
            for (Var const& part : l.zeros(tape, batch)) all.push_back(part);
        return all;
    };
    out.step = [layers](Var x, std::span<Var const> state, Where where) {
        Stepwise::Step all{x, {}};
        for (std::size_t k = 0; k < layers.size(); ++k) {
            Scope const scope(x.tape(where), std::to_string(k));
            std::size_t const parts = layers[k].names.size();
            auto const one          = layers[k].step(all.output, state.first(parts), where);
            all.output              = one.output;
            all.state.insert(all.state.end(), one.state.begin(), one.state.end());
            state = state.subspan(parts);
        }
        return all;
    };
    return out;
}

}  // namespace unspool::nn
