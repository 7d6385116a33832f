// Runs layers one after another.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/layers/sequential.hpp>

namespace unspool::nn {

std::string short_name(std::string_view f) {
    std::size_t const begin = f.find("L = ");
    if (begin == f.npos || f.find("lambda") != f.npos) return "function";
    std::string_view name  = f.substr(begin + 4);
    name                   = name.substr(0, name.find_first_of("<;]"));
    std::size_t const last = name.rfind("::");
    return std::string(last == name.npos ? name : name.substr(last + 2));
}

Passed Sequential::run(Passed in, Where where, Seen const& seen) const {
    Attempt const attempt(in.tape);
    if (in.memory.count == 0) in.memory = memory;
    for (std::size_t k = 0; k < layers_.size(); ++k) {
        Scope const scope(in.tape, std::to_string(k));
        Passed const out = layers_[k].call(in, where);
        in.x = out.x, in.symbols = out.symbols, in.lengths = out.lengths;
        if (seen) seen(k, layers_[k].name, in);
    }
    return in;
}

std::vector<Stepwise> Sequential::stepwise() const {
    std::vector<Stepwise> out;
    for (Named const& layer : layers_) out.push_back(layer.stepwise());
    return out;
}

ModelDescription Sequential::description() const {
    ModelDescription out{.features = features_};
    for (auto const& l : layers_) {
        auto const call = [run = l.call](Var x, Where where) { return run({.tape = x.tape(where), .x = x}, where).x; };
        out.layers.push_back({l.name, call, {}});
        if (l.description) out.layers.back().description = l.description();
    }
    return out;
}

Var Sequential::steps_first(Var x, bool batch_first, Where where) {
    return batch_first && x.shape(where).size() == 3 ? transpose(x, {1, 0, 2}, where.inside()) : x;
}

}  // namespace unspool::nn
