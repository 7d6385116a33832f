// A cell of any type, as instruments meet it: Vars in, Vars out.
#pragma once
#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <unspool/nn/recurrence/scan.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// The state of a cell: what zeros() gives; without that, what the cell calls State, or a Var.
template <class C> auto state_of() {
    if constexpr (CellWithZeros<C>)
        return std::type_identity<
            std::remove_cvref_t<decltype(std::declval<C const&>().zeros(std::declval<Tape&>(), Index{1}))>>{};
    else if constexpr (requires { typename C::State; }) return std::type_identity<typename C::State>{};
    else return std::type_identity<Var>{};
}
template <class C> using StateOf = typename decltype(state_of<C>())::type;

/// What a step takes beside the state: what the cell calls Input, or a Var, or up to four in a tuple.
template <class C, class X, class... More> auto input_of() {
    if constexpr (Cell<C const, StateOf<C>, X>) return std::type_identity<X>{};
    else if constexpr (sizeof...(More) > 0) return input_of<C, More...>();
    else return std::type_identity<void>{};
}
template <class C> auto input_type() {
    if constexpr (requires { typename C::Input; }) return std::type_identity<typename C::Input>{};
    else return input_of<C, Var, std::tuple<Var, Var>, std::tuple<Var, Var, Var>, std::tuple<Var, Var, Var, Var>>();
}
template <class C> using InputOf = typename decltype(input_type<C>())::type;

/// Anything that instruments can look at: void where no input fits.
template <class C> concept Erasable = states::StateOfVars<StateOf<C>> && !std::is_void_v<InputOf<C>>;

struct ErasedCell {
    using Vars = std::span<Var const>;

    Index in           = 0;                                    // features of its input, where it says so, else 0
    std::size_t inputs = 1;                                    // sequences that a scan takes
    std::vector<std::string> names;                            // of the parts of the state
    std::vector<xt::xarray<double>> zeros;                     // what zeros() gives; nothing where the cell has none
    std::function<std::vector<Var>(Vars x, Vars state)> step;  // the next state
    std::function<std::vector<Var>(Vars xs, Vars state, ScanOptions const&)> scan;  // all outputs, and the last state
    std::function<bool(Param const&)> holds;                                        // does the cell itself refer to it?

    Shape shape(std::size_t part) const { return Shape::of(zeros[part].shape()); }
};

template <class X> X inputs_from(ErasedCell::Vars x) {
    if constexpr (std::same_as<X, Var>) return x[0];
    else if constexpr (IsTuple<X>::value) return [&]<std::size_t... k>(std::index_sequence<k...>) {
            return X{x[k]...};
        }
    (std::make_index_sequence<std::tuple_size_v<X>>{});
    else return states::with_parts(X{}, x.data()); }
template <class X> constexpr std::size_t number_of_inputs() {
    if constexpr (IsTuple<X>::value) return std::tuple_size_v<X>;
    else return states::size<X>();
}

/// Is there the address of the parameter anywhere in the object?  So a cell's own are told from those of others in the same Params.
template <class C> bool refers_to(C const& cell, Param const* p) {
    for (std::size_t at = 0; at + sizeof p <= sizeof cell; at += alignof(Param const*)) {
        Param const* there;
        std::memcpy(&there, reinterpret_cast<char const*>(&cell) + at, sizeof there);
        if (there == p) return true;
    }
    return false;
}

/// A state of these parts, whose other members are as the cell's zeros() gives them.
template <Erasable C> StateOf<C> state_from(C const& cell, Index batch, ErasedCell::Vars parts) {
    if constexpr (CellWithZeros<C>)
        return states::made<StateOf<C>>([&] { return cell.zeros(parts[0].tape(), batch); }, parts.data());
    else return states::with_parts(StateOf<C>{}, parts.data());
}

/// One step alone, without the scan.  The cell must outlive it.
template <Erasable C> ErasedCell erased_step(C const& cell, Index batch, Where where = Where::here()) {
    using Input = InputOf<C>;
    ErasedCell out;
    out.inputs = number_of_inputs<Input>();
    out.names  = states::names<StateOf<C>>();
    if constexpr (requires {
                      { cell.in() } -> std::convertible_to<Index>;
                  })
        out.in = cell.in();
    if constexpr (CellWithZeros<C>) {
        Tape tape(float64);
        for (Var const& part : states::parts(cell.zeros(tape, batch))) out.zeros.push_back(part.value<double>());
    }
    out.step = [&cell, batch, where](ErasedCell::Vars x, ErasedCell::Vars before) {
        auto const after = states::parts(stepped(cell, inputs_from<Input>(x), state_from(cell, batch, before), where));
        return std::vector<Var>(after.begin(), after.end());
    };
    return out;
}

/// The cell must outlive it.
template <Erasable C> ErasedCell erased(C const& cell, Index batch, Where where = Where::here()) {
    ErasedCell out = erased_step(cell, batch, where);
    out.scan       = [&cell, batch, where](ErasedCell::Vars xs, ErasedCell::Vars start, ScanOptions const& how) {
        auto const r = core::scan(cell, inputs_from<InputOf<C>>(xs), state_from(cell, batch, start), how, where);
        std::vector<Var> all(r.outputs.begin(), r.outputs.end());
        for (Var const& part : states::parts(r.state)) all.push_back(part);
        return all;
    };
    out.holds = [&cell](Param const& p) { return refers_to(cell, &p); };
    return out;
}

/// ShapeError for a cell of several inputs, where an instrument knows one only.
void require_one_input(ErasedCell const&, char const* who, Where);

/// The first number of features that the cell takes, of those from 2 to 256, and 1 last, because that is broadcast; what it says itself
/// goes first.  ShapeError where it takes none, which names the option that says it.
Index features(ErasedCell const&, Index batch, char const* who, char const* option, Where);

}  // namespace unspool::core
