// Several layers of one cell, in one direction or both, as PyTorch's nn.RNN, nn.LSTM and nn.GRU are.
#pragma once
#include <string>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <vector>

namespace unspool::nn {

/// How layers are stacked.
struct StackedOptions {
    Index layers       = 1;      ///< one above the other
    bool bidirectional = false;  ///< each layer reads forth and back, and gives both side by side
    double dropout     = 0;      ///< of what the next layer takes, where there is something to draw from
    bool batch_first   = false;  ///< sequences are [B,T,...], in and out; states are not
};

/// "l1_reverse", for the backward direction of the second layer.
std::string layer_name(Index layer, bool reverse);
/// ValueError unless there is a layer, and the dropout is in [0, 1], and 0 where it is between no two layers.
StackedOptions const& checked(StackedOptions const&, Where);
/// xs without what batch_first made of it, and back.
Var time_first(Var xs, bool batch_first, Where);
/// The outputs of a layer as the next one takes them.
Var between(Var ys, double dropout, Random*, Where);
/// ShapeError unless the first axis of each part of a state is `n`.
void require_states(std::span<Var const> parts, Index n, Where);

/// The options of a shipped cell, whose parameters can be given a suffix; nothing for others.
struct NoOptions {};
/// The options of a cell, where it has some with a `suffix`.
template <class C> struct CellOptions {
    using type = NoOptions;  ///< it has none
};
/// The same.
template <class C>
requires requires(typename C::Options o) { o.suffix = std::string(); }
struct CellOptions<C> {
    using type = typename C::Options;  ///< its own
};

/// A cell of a stack: a shipped one by PyTorch's names, "weight_ih_l1_reverse"; another below the path "l1_reverse".
template <class C> C cell_of_stack(Params p, std::string const& name, Index in, Index hidden,
                                   typename CellOptions<C>::type options, Where where) {
    if constexpr (!std::same_as<decltype(options), NoOptions>) {
        options.suffix = "_" + name;
        if constexpr (std::constructible_from<C, Params, Index, Index, decltype(options), Where>)
            return C(p, in, hidden, options, where);
        else return C(p, in, hidden, options);
    } else if constexpr (std::constructible_from<C, Params, Index, Index, Where>) return C(p / name, in, hidden, where);
    else return C(p / name, in, hidden);
}

/// Sequences [T,B,in] in, [T,B,D out] out, for D directions, the forward half first.  Each part of a state is [layers D,B,…], and
/// that of layer k in direction d has the number k D + d.
template <class C> class Stacked {
    static constexpr bool has_out = requires(C const& cell) {
        { cell.out() } -> std::convertible_to<Index>;
    };
    static_assert(has_out, "a stack of layers wants `Index out() const` of its cell: how many features its output has");

public:
    using State   = StateOf<C>;
    using Options = typename CellOptions<C>::type;

    /// `Stacked<MGUCell> net(params / "net", in, hidden, {.layers = 2, .bidirectional = true});`.  ValueError for sizes and options
    /// that cannot be.
    explicit Stacked(Params p, Index in, Index hidden, StackedOptions const& options = {}, Options const& of_cells = {},
                     Where where = Where::here())
        : Stacked(
              options, in,
              [&](std::string const& name, Index n) { return cell_of_stack<C>(p, name, n, hidden, of_cells, where); },
              where) {}

    /// The same with cells that `make(name, in)` makes: of layer "l0", "l0_reverse", "l1" …
    template <class Make>
    requires std::is_invocable_r_v<C, Make&, std::string const&, Index> Stacked(StackedOptions const& options, Index in,
                                                                                Make make, Where where = Where::here())
        : options_(checked(options, where)) {
        for (Index k = 0; k < options_.layers; ++k) {
            for (Index d = 0; d < directions(); ++d) layers_.emplace_back(make(layer_name(k, d == 1), in), d == 1);
            in = directions() * layers_.back().cell.out();
        }
    }

    /// All layers over xs [T,B,in], or [B,T,in] where batch_first: outputs [T,B,D out], and the last states of all layers and directions.
    Run<State> operator()(Var xs, Given<State> const& given = {}, Where where = Where::here()) const {
        require_sequences(xs, where);
        Attempt const attempt(xs.tape(where));
        std::vector<State> last;
        if (given.state) require_states(states::parts(*given.state), std::ssize(layers_), where);
        Var ys = time_first(xs, options_.batch_first, where);
        for (Index k = 0; k < options_.layers; ++k) {
            if (k > 0) ys = between(ys, options_.dropout, given.random, where);
            ys = in_all_directions(k, ys, given, last, where);
        }
        return {time_first(ys, options_.batch_first, where), stacked(last, where)};
    }

    /// Before the first step.
    State first_state(Tape& tape, Index batch, Where where = Where::here()) const {
        std::vector<State> all;
        for (Layer<C> const& layer : layers_) all.push_back(layer.cell.zeros(tape, batch));
        return stacked(all, where);
    }
    bool batch_first() const { return options_.batch_first; }            ///< is it [B,T,…]?
    Index directions() const { return options_.bidirectional ? 2 : 1; }  ///< 1 or 2
    std::vector<Layer<C>> const& layers() const { return layers_; }      ///< in the order of the states

    LayerDescription description() const {
        LayerDescription out{.directions = directions(), .batch_first = options_.batch_first};
        for (std::size_t n = 0; n < layers_.size(); ++n) {
            auto const k = static_cast<Index>(n);
            out.cells.push_back(
                described(layers_[n].cell, layer_name(k / directions(), k % directions() == 1), layers_[n].reverse));
        }
        return out;
    }

private:
    Var in_all_directions(Index k, Var xs, Given<State> const& given, std::vector<State>& last, Where where) const {
        std::vector<Var> outputs;
        for (Index d = 0; d < directions(); ++d) {
            auto const n             = static_cast<std::size_t>(k * directions() + d);
            std::string const called = layer_name(k, d == 1);
            Scope const name(xs.tape(where), called);
            RecordedLayer const recorded(given.record, called);
            auto const r = layers_[n](xs, given_to(n, given, where), where);
            outputs.push_back(r.outputs), last.push_back(r.state);
        }
        return outputs.size() == 1 ? outputs[0] : concat(outputs, -1, where.inside());
    }
    /// What goes to layer n: its part of the state, and all else.
    Given<State> given_to(std::size_t n, Given<State> const& given, Where where) const {
        Given<State> out{.lengths         = given.lengths,
                         .record          = given.record,
                         .noise           = given.noise,
                         .memory          = given.memory,
                         .recompute_every = given.recompute_every};
        if (given.state) out.state = of_parts([&](Var const& part) { return part[At(n, where)]; }, where, *given.state);
        return out;
    }
    static State stacked(std::vector<State> const& all, Where where) {
        auto out = states::parts(all[0]);
        for (std::size_t k = 0; k < out.size(); ++k) {
            std::vector<Var> parts;
            for (State const& s : all) parts.push_back(states::parts(s)[k]);
            out[k] = stack(parts, 0, where.inside());
        }
        return states::with_parts(all[0], out.data());
    }

    StackedOptions options_;
    std::vector<Layer<C>> layers_;
};

}  // namespace unspool::nn
