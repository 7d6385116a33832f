// unspool_bench_torch: this library beside libtorch.
#include <memory>

#include "../layers.hpp"
#include "../overhead.hpp"
#include "../program.hpp"
#include "../training.hpp"
#include "libtorch.hpp"

namespace bench {

namespace {

template <class T> libtorch::Array<T> array(auto const& xtensor) {
    return {{xtensor.shape().begin(), xtensor.shape().end()}, {xtensor.begin(), xtensor.end()}};
}

libtorch::Parameters parameters(Params const& params) {
    libtorch::Parameters out;
    for (Param const* p : params.all()) out.push_back({p->path(), array<float>(p->value<float>())});
    return out;
}

Contender layer(std::string const& who, std::string const& cell, CellKind const& kind, RnnShape const& s, int threads) {
    return {who, [=] {
                Inputs const in(s);
                return libtorch::forward_backward(
                    {cell, parameters(kind.params(s)), array<float>(in.xs), array<float>(in.h), threads});
            }};
}

Contender from_operations(CellKind const& kind, RnnShape const& s, int threads) {
    return layer("libtorch operations", kind.name, kind, s, threads);
}

std::vector<Contender> custom_peers(CellKind const& kind, RnnShape const& s, Pass, int threads) {
    return {from_operations(kind, s, threads)};
}

std::vector<Contender> shipped_peers(CellKind const& kind, RnnShape const& s, Pass, int threads) {
    std::string const module = "nn::" + kind.name;
    std::vector<Contender> out{layer("libtorch " + module, module, kind, s, threads)};
    if (kind.name == "LSTM") out.push_back(from_operations(kind, s, threads));
    return out;
}

std::vector<Contender> chain_peers(Chain c) {
    return {{"libtorch", [=] {
                 return libtorch::chain({c.has_tanh, c.backward, c.length, c.elements, c.a, c.x, c.b});
             }}};
}

Ready train(int threads) {
    Demo const demo(threads);
    auto next = [steps = demo.recipe.steps, readers = demo.readers()]() mutable -> libtorch::Training::Segment {
        auto const& s = readers.next(steps);
        return {array<std::int64_t>(s.inputs), array<std::int64_t>(s.targets)};
    };
    auto const rate_at = [recipe = demo.recipe](int update) { return recipe.rate_at(update); };
    return libtorch::train({parameters(demo.params), std::move(next), rate_at, demo.recipe.max_norm, threads});
}

std::vector<Contender> training_peers(int threads) {
    return {{"libtorch", [=] { return train(threads); }}};
}

/// A layer of many small steps, where it is the tape that needs memory.
Contest memory_contest() {
    RnnShape const& s = rnn_shapes.back();
    Contest out       = layer_contest(shipped_cells()[0], s, Pass::forward_backward, 1, custom_peers);
    out.name += ", memory";
    out.memory = bytes_per("step", static_cast<double>(s.steps));
    return out;
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
    using namespace bench;
    std::vector<Contest> contests{memory_contest()};
    for (auto& group : {overhead_contests(chain_peers), training_contests(training_peers),
                        layer_contests(shipped_cells(), {Pass::forward_backward}, shipped_peers),
                        layer_contests(custom_cells(), {Pass::forward_backward}, custom_peers)})
        contests.insert(contests.end(), group.begin(), group.end());
    return run_program(argc, argv, std::move(contests));
}
