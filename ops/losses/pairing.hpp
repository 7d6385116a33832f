// One prediction for each target: the operands of a loss, looked at before they meet.
#pragma once
#include <optional>
#include <unspool/autograd/statement/statement.hpp>
#include <unspool/ops/arrays/indices.hpp>

namespace unspool::core {

/// What targets may be.
enum class TargetsAre : std::uint8_t {
    numbers,
    probabilities,  ///< in [0, 1]
    signs,          ///< −1 or 1
    not_negative
};
template <class Op> constexpr TargetsAre targets_of() {
    if constexpr (requires { Op::targets; }) return Op::targets;
    else return TargetsAre::numbers;
}

/// An operand of a loss.
template <class X> concept Judged            = Operand<X> || IntegerArray<X>;
template <class... X> concept JudgedOperands = (Judged<std::remove_cvref_t<X>> && ...) &&
                                               (Symbolic<std::remove_cvref_t<X>> || ...);

/// Rebuilds a term with a Var in place of each leaf that is not recorded yet, so that its shape is known.
struct Settled {
    Tape& tape;

    template <class E> auto operator()(E const& leaf) const {
        if constexpr (Deferred<E>) return leaf.record(tape, leaf.where().inside());
        else return leaf;
    }
    template <class Op, class A> auto operator()(Apply<Op, A> const& e) const {
        return Apply<Op, decltype((*this)(e.a))>{(*this)(e.a)};
    }
    template <class Op, class A, class B> auto operator()(Apply<Op, A, B> const& e) const {
        return Apply<Op, decltype((*this)(e.a)), decltype((*this)(e.b))>{(*this)(e.a), (*this)(e.b)};
    }
    template <class Op, class A, class B, class C> auto operator()(Apply<Op, A, B, C> const& e) const {
        return Apply<Op, decltype((*this)(e.a)), decltype((*this)(e.b)), decltype((*this)(e.c))>{
            (*this)(e.a), (*this)(e.b), (*this)(e.c)};
    }
};

/// An operand as it goes into the formula: arrays and integers are constants then.
template <Term X> auto settled(Tape& tape, X const& x) { return Settled{tape}(x); }
template <Scalar X> double settled(Tape&, X x) { return static_cast<double>(x); }
inline Param const& settled(Tape&, Param const& p) { return p; }
template <class X>
requires(Plain<X> || IntegerArray<X>) Var settled(Tape& tape, X const& x) { return tape.constant(x); }

/// None for a number, which goes with any shape; none either for a term that cannot have one, and says so when it is recorded.
template <class Op, class... A> std::optional<Shape> shape_of(Apply<Op, A...> const&, Where);
inline std::optional<Shape> shape_of(Var const& x, Where where) { return x.shape(where); }
std::optional<Shape> shape_of(Param const&, Where);
inline std::optional<Shape> shape_of(ParamRef p, Where where) { return shape_of(*p.param, where); }
inline std::optional<Shape> shape_of(Number, Where) { return Shape{}; }
inline std::optional<Shape> shape_of(double, Where) { return {}; }

inline std::optional<Shape> both(std::optional<Shape> a, std::optional<Shape> const& b) {
    if (a && b && broadcast(*a, *b)) return a;
    return {};
}
template <class Op, class A> std::optional<Shape> shape_of(Apply<Op, A> const& e, Where where) {
    return shape_of(e.a, where);
}
template <class Op, class A, class B> std::optional<Shape> shape_of(Apply<Op, A, B> const& e, Where where) {
    return both(shape_of(e.a, where), shape_of(e.b, where));
}
template <class Op, class A, class B, class C> std::optional<Shape> shape_of(Apply<Op, A, B, C> const& e, Where where) {
    return both(both(shape_of(e.a, where), shape_of(e.b, where)), shape_of(e.c, where));
}

/// An operand as an error shows it.
struct Sized {
    std::string_view role;  ///< "prediction"
    std::optional<Shape> shape;
    Var var = {};  ///< where it is one
};
template <class X> Sized sized(std::string_view role, X const& x, Where where) {
    Sized out{role, shape_of(x, where)};
    if constexpr (std::same_as<X, Var>) out.var = x;
    return out;
}

/// ShapeError unless `pairs` operands have the shape of the first, or are scalars; and those behind have it, or one of as many axes, of
/// which some are 1, or are scalars.
void require_pairs(std::string_view op, std::span<Sized const>, std::size_t pairs, Where);
/// Targets [...] as [...,1], if the predictions are that.
Var like_column(std::optional<Shape> const& predictions, Var targets, Where);
/// ShapeError where a weight or a mask would make more losses than there are.
void require_repeats(std::string_view op, std::optional<Shape> const& losses, Sized const&, Where);
/// ValueError for a target that is none, where the mask is not 0, of targets that need no gradient.  NaN goes through.
void require_targets(std::string_view op, TargetsAre, Var const& targets, Var const& mask, Where);
void require_target(std::string_view op, TargetsAre, double, Where);

}  // namespace unspool::core
