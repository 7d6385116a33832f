// A model in a table: its layers, and what they cost.
#pragma once
#include <unspool/nn/layers/sequential.hpp>

namespace unspool::core {

struct Summary {
    /// One layer.
    struct Layer {
        std::string name;      ///< "0 Embedding"
        Shape shape;           ///< of what it gives
        Index parameters = 0;  ///< elements of those that it reads first
        Index flops      = 0;  ///< of a forward run (see Datasheet)
        Index bytes      = 0;  ///< of the values that it keeps for the way back, in float32
    };
    std::vector<Layer> layers;  ///< in the order in which they are run

    Index parameters() const;  ///< of all layers
    Index flops() const;       ///< of all layers, forward
    Index bytes() const;       ///< of all layers
};
std::string text(Summary const&);  ///< a line for each layer, and one for all

/// For which sizes to count.
struct SummaryOptions {
    /// Of the input [steps,batch,features].
    Index batch = 1, steps = 1;  ///< of the input [steps,batch,features]
};

/// What a model makes of an input of this size: symbols, where it has no nn::Input.
///
///     std::cout << text(summary(model, {.steps = 12}));
Summary summary(nn::Sequential const&, SummaryOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::Summary, core::SummaryOptions, core::summary, core::text;

}  // namespace unspool
