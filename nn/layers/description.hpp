// What layers are made of, for who writes a model down in another form: as they are, they are functions of any kind.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <typeinfo>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/nn/recurrence/plannable_cell.hpp>
#include <vector>

namespace unspool::nn {

/// One cell in one direction.  It refers to the cell.
struct DescribedCell {
    std::string name;  // "l0_reverse"
    bool reverse;
    std::function<PlannableCell(Index batch)> plannable;
    std::type_info const* type;
    void const* cell;

    /// The cell itself, if it is such a one.
    template <class C> C const* as() const { return *type == typeid(C) ? static_cast<C const*>(cell) : nullptr; }
};
template <class C> DescribedCell described(C const& cell, std::string name, bool reverse) {
    return {std::move(name), reverse, [&cell](Index batch) { return plannable(cell, batch); }, &typeid(C), &cell};
}

/// A layer that is more than a function of one array.
struct LayerDescription {
    Param const* rows                = nullptr;  // of an embedding
    std::vector<DescribedCell> cells = {};       // of a recurrent layer, in the order of its states
    Index directions                 = 1;
    bool batch_first                 = false;
    bool last                        = false;  // the state after the last step goes on, and not all outputs
};

/// A layer of a model: a function, and what else is known of it.
struct DescribedLayer {
    std::string name;  // "Linear"
    std::function<Var(Var, Where)> call;
    std::optional<LayerDescription> description = {};
};
struct ModelDescription {
    std::vector<DescribedLayer> layers = {};
    Index features                     = 0;  // that come in, where the model says so
};

template <class L> concept DescribesItself = requires(L const& layer) {
    { layer.description() } -> std::convertible_to<LayerDescription>;
};

}  // namespace unspool::nn
