// Layers one after another.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/nn/data/batch.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/layers/stepwise.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/ops/arrays/indices.hpp>
#include <unspool/ops/arrays/noise.hpp>
#include <vector>

namespace unspool::nn {

/// Dropout as a layer.  It drops where it is given something to draw from, and is the identity without: there is no mode to forget.
struct Dropout {
    static constexpr bool at_each_step = true;
    double p                           = 0.5;  ///< the share that is dropped

    /// x of any shape; without `random`, x itself.
    Var operator()(Var x, Random* random = nullptr, Where where = Where::here()) const {
        return random && p > 0 ? dropout(x, p, *random, where) : x;
    }
};

/// What goes from one layer to the next.
struct Passed {
    Tape& tape;                                ///< that all is recorded on
    Var x                          = {};       ///< [T,B,F]; [B,F] where there are no steps; none before an embedding
    Indices symbols                = {};       ///< [T,B], for an embedding
    std::span<Index const> lengths = {};       ///< steps of each sequence of a padded batch; all there are
    Random* random                 = nullptr;  ///< what dropout draws from; none: nothing is dropped, as in evaluation
    Bytes memory                   = {};       ///< for what each scan keeps, see ScanOptions
};

/// How many features the first layer takes; no layer itself.
struct Input {
    Index features;  ///< of what the first layer takes
};

/// Where parameters go, and the line of the program that says so.
struct Under {
    Params params;  ///< below which layers put theirs
    Where where;    ///< for errors
    /// The line is that of the call.
    Under(Params p, Where w = Where::here()) : params(std::move(p)), where(w) {}
};

/// A layer that is made where it stands, of what comes in: `make(params / "2", in)` gives something to call.
template <class S> concept LayerToMake = requires(S const& s, Params p, Index in, Where where) {
    s.make(p, in, where);
};

/// What a type is called, without namespaces and arguments: "Linear"; "function", for a lambda.
std::string short_name(std::string_view function_of_type);
template <class L> std::string name_of_layer() {
    if constexpr (requires { L::name; }) return L::name;
    else return short_name(__PRETTY_FUNCTION__);
}

/// Layers one after another, each below its number among the parameters, "0", "1" …:
///
///     nn::Sequential const forecaster(params, nn::Input{1}, keras::LSTM(50), keras::Dense(1));
///     nn::Sequential const reader(params, keras::Embedding(5000, 16), keras::SimpleRNN(32), keras::Dense(1, nn::sigmoid));
///     Var y = reader(tape, batch);
///
/// Layers that are yet to be made, such as those of `keras`, are told how many features come in.  Others are called as they are: with
/// (Passed, Where), which gives Passed; as layers of recurrent cells, of which the outputs of all steps go on, from a state of zeros;
/// with (Tape&, Indices), as embeddings are, for symbols; or with a Var, and perhaps a Random* and a Where.  Those that say so,
/// by out(), change the number of features; all others keep it.  Made layers alone need no parameters:
/// `nn::Sequential net{Linear(p / "0", 8, 16), nn::relu, nn::Dropout{0.2}, nn::LSTM(p / "3", 16, 32)};`
class Sequential {
public:
    /// ValueError where a layer cannot be made.
    template <class... Layers> explicit Sequential(Under const& p, Layers const&... layers) { (add(&p, layers), ...); }
    /// The same, of parameters of its own.
    template <class First, class... Layers>
    requires(!std::convertible_to<First, Under> &&
             !std::same_as<First, Sequential>) explicit Sequential(First const& first, Layers const&... layers) {
        add(nullptr, first), (add(nullptr, layers), ...);
    }

    /// In training, dropout draws from `random`.
    Var operator()(Var x, Random* random = nullptr, Where where = Where::here()) const {
        return run({.tape = x.tape(where), .x = x, .random = random}, where).x;
    }
    /// Of a batch of sequences: what is behind the end of a sequence does not matter.
    template <class X, class Y>
    Var operator()(Tape& tape, Batch<X, Y> const& batch, Random* random = nullptr, Where where = Where::here()) const {
        Passed in{.tape = tape, .lengths = batch.lengths, .random = random};
        if constexpr (std::same_as<X, Symbols>) in.symbols = steps_first(tape, batch);
        else in.x = steps_first(tape.constant(batch.inputs, {}, where), batch.batch_first, where);
        return steps_first(run(in, where).x, batch.batch_first, where);
    }

    /// Calls `seen(number, name, passed)` behind each layer.
    using Seen = std::function<void(std::size_t, std::string const&, Passed const&)>;
    /// What comes out behind the last layer, with all that goes along with it.
    Passed run(Passed, Where = Where::here(), Seen const& seen = {}) const;

    std::size_t size() const { return layers_.size(); }  ///< of layers
    ModelDescription description() const;
    Index features() const { return features_; }                              ///< of Input; 0 without
    std::string const& name(std::size_t k) const { return layers_[k].name; }  ///< of a layer, as its parameters have it
    std::vector<Stepwise> stepwise() const;  ///< each layer one step at a time, while this lives

    Bytes memory = {};  ///< for what each scan of a layer keeps: what does not fit is computed again. 0: all fits

private:
    struct Named {
        std::string name;
        std::function<Passed(Passed const&, Where)> call;
        std::function<Stepwise()> stepwise;
        std::function<LayerDescription()> description = {};  // none for a function of one array
    };

    template <class L> void add(Under const* p, L const& layer) {
        if constexpr (std::same_as<L, Input>) {
            features_ = in_ = layer.features;
        } else if constexpr (LayerToMake<L>) {
            add_made(layer.make(p->params / std::to_string(layers_.size()), in_, p->where), name_of_layer<L>());
        } else {
            add_made(layer, name_of_layer<L>());
        }
    }
    template <class L> void add_made(L const& layer, std::string name) {
        if constexpr (requires {
                          { layer.out() } -> std::convertible_to<Index>;
                      })
            in_ = layer.out();
        auto const kept = std::make_shared<L const>(layer);
        layers_.push_back({std::move(name), [kept](Passed const& in, Where where) { return called(*kept, in, where); },
                           [kept] { return stepwise_of(*kept); }});
        if constexpr (DescribesItself<L>) layers_.back().description = [kept] { return kept->description(); };
        else if constexpr (std::invocable<L const&, Tape&, Indices const&, Where> && requires {
                               { kept->weight } -> std::convertible_to<Param const&>;
                           })
            layers_.back().description = [kept] { return LayerDescription{.rows = &kept->weight}; };
    }
    template <class L> static Passed called(L const& layer, Passed const& in, Where where) {
        if constexpr (std::invocable<L const&, Passed const&, Where>) {
            return layer(in, where);
        } else {
            Passed out = in;
            if constexpr (std::invocable<L const&, Tape&, Indices const&, Where>)
                out.x = layer(in.tape, in.symbols, where);
            else if constexpr (std::invocable<L const&, Var, Random*, Where>) out.x = layer(in.x, in.random, where);
            else if constexpr (requires { typename L::State; })
                out.x = layer(in.x,
                              Given<typename L::State>{.lengths = in.lengths, .random = in.random, .memory = in.memory},
                              where)
                            .outputs;
            else if constexpr (std::invocable<L const&, Var, Where>) out.x = Var(layer(in.x, where));
            else out.x = Var(layer(in.x));
            return out;
        }
    }
    template <class Y> static Indices steps_first(Tape& tape, Batch<Symbols, Y> const& batch) {
        return batch.batch_first ? indices(tape, xt::xtensor<Index, 2>(xt::transpose(batch.inputs)))
                                 : indices(tape, batch.inputs);
    }
    static Var steps_first(Var x, bool batch_first, Where);  // and back

    std::vector<Named> layers_;
    Index features_ = 0, in_ = 0;  // in_: what the next layer gets
};

}  // namespace unspool::nn
