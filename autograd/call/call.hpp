// A call of an array operation: matmul, concat, a loss.  One call is one node.
//
// An operation is a trivially copyable struct; its data members are its attributes.  It declares
//     name        how it is written
//     signature   the shapes, see signature.hpp
//     f           f(y, x...): writes the result; arrays are `Array<T>`, for T float and double
//     adjoints    adjoints(g, y, x...): a tuple of one rule an operand, evaluated only if that operand needs its adjoint.
//                 A rule without arguments returns the increment: a Product, or an Array to be added.  A rule with an
//                 argument `Array<T> dx` adds the increment to dx itself; one with a second, `WriteMode`, is told whether to add
//                 to every element or to assign.
// and, where it needs them,
//     result      result(shapes): the result's shape, where the signature leaves it open
//     gradient    gradient(k, g, y, xs): what the rule for operand k says, in terms of Vars, so that it can be differentiated again
//     arguments   arguments(): the attributes, as equations that stand after the operands in pictures
//     written     written(operands): the equation that pictures show, where it is not a call
//     surrogate   true: what the rules give is not the derivative, on purpose
//     together    together(receivers, g, y, x...): all rules in one go; if operands share a node, it is called for one at a time
// If the signature is variadic, f takes `std::span<Array<T const> const>` for x, and instead of a tuple there is one
// rule `adjoint(k, g, y, xs)` for operand k.
#pragma once
#include <array>
#include <span>
#include <tuple>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/call/signature.hpp>
#include <unspool/autograd/cpu/product.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/statement/statement.hpp>
#include <unspool/autograd/tape/differentiation.hpp>

namespace unspool::core {

/// What an array operation is called with: a Var or term, a parameter, or an xtensor array, which is a constant.  A reference
/// to an array, or to a term that knows no tape yet: for the length of the call.
class Argument {
public:
    Argument(Var x) : var_(x) {}  ///< a value on its tape
    /// A term: recorded as one node at once, or, where it knows no tape yet, by on().
    template <Formula E> Argument(E const& e, Where where = Where::here()) {
        if constexpr (knows_tape<E>) {
            Tape& tape = tape_of(e, where);
            before_    = tape.arena().template make<Tape::Mark>(tape.mark());
            var_       = Var(e, where.inside());
        } else {
            later_ = {&e, where, [](Tape& t, void const* term, Where w) {
                          return record_on(t, *static_cast<E const*>(term), {}, w.inside());
                      }};
        }
    }
    Argument(Param const& p) : param_(&p) {}  ///< lifted by on()
    /// A number or an array, of which on() makes a constant; it is referred to until then.
    template <Plain X> Argument(X const& x, Where where = Where::here())
        : later_{&x, where, [](Tape& tape, void const* a, Where w) {
                     return tape.constant(*static_cast<X const*>(a), {}, w.inside());
                 }} {}

    bool on_a_tape() const { return !param_ && !waits(); }  ///< is it a Var, or a term that was recorded?
    bool waits() const { return later_.what != nullptr; }   ///< for a tape to be put on
    Var const& var() const { return var_; }                 ///< empty where it is none yet
    Param const* param() const { return param_; }           ///< null where it is none
    /// As a Var of this tape.
    Var on(Tape& tape, Where where) const {
        return waits() ? later_.put(tape, later_.what, later_.where) : param_ ? tape.lift(*param_, where) : var_;
    }
    Tape& tape(Where where) const { return var_.tape(where); }  ///< of what is on one; else TapeError

    /// Where the tape was before the term was recorded, if there was one: for a call that fails.
    Tape::Mark const* before() const { return before_; }

private:
    struct Later {
        void const* what = nullptr;
        Where where;
        Var (*put)(Tape&, void const*, Where) = nullptr;
    };

    Tape::Mark const* before_ = nullptr;
    Var var_;
    Param const* param_ = nullptr;
    Later later_;
};

/// Where the tape was before any of the arguments was recorded.
Tape::Mark before(Tape const&, std::span<Argument const>);

/// The tape that the arguments share.  TapeError if it is known by none of them.
Tape& common_tape(std::span<Argument const>, std::string_view op, Where);

/// The arguments as windows on that tape, listed in its memory.
std::span<Window const* const> windows(Tape&, std::span<Argument const>, Where);

/// A window as typed elements.
template <class T> Array<T> array_of(Tape const& tape, Window const& w) {
    return {static_cast<T*>(w.data), w.shape, w.strides, tape.reusable(w)};
}
template <class T> Array<T> array_of(Target const& t, Window const& w) {
    return {static_cast<T*>(t.data), w.shape, w.strides, nullptr};
}

/// Where what an operand receives goes; nowhere if its adjoint is not wanted.
template <Real T> struct Receiver {
    Array<T> dx;
    WriteMode fill = WriteMode::none;
};

/// Adds a product of an adjoint g with something to another; one that is wanted only at the end of the sweep waits to be
/// done with others.
template <Real T> void add(Adjoints&, Window const& operand, Product<T> const&, Array<T const> const& g);
template <Real T> void add(Adjoints&, Window const& operand, Array<T const> const&);

/// An operation whose adjoints are operations in their turn.
template <class Op> concept HasGradient = requires(Op const& op, std::size_t k, Var v, std::span<Var const> x) {
    { op.gradient(k, v, v, x) } -> std::convertible_to<Contribution>;
};

template <class Op> class CallRule final : public Rule {
public:
    void pull_back(Node const& node, Adjoints& adjoints) const override {
        dispatch(adjoints.tape().dtype(), [&](auto t) { pull<decltype(t)>(node, adjoints); });
    }
    void differentiate(Node const& node, Differentiation& d) const override {
        if constexpr (HasGradient<Op>) {
            auto const& op = *static_cast<Op const*>(node.attributes);
            for (std::size_t k = 0; k < node.operands.size(); ++k)
                if (d.wants(k)) d.add(k, op.gradient(k, d.adjoint(), d.value(), d.operands()));
        } else d.refuse(Op::name);
    }
    void recompute(Tape const& tape, Node const& node, Window const& value,
                   std::span<Window const* const> operands) const override {
        dispatch(tape.dtype(),
                 [&](auto t) { run<decltype(t)>(tape, *static_cast<Op const*>(node.attributes), value, operands); });
    }
    Equation equation(Node const& node, std::span<Equation const> operands) const override {
        if constexpr (requires { Op::written(operands); }) return Op::written(operands);
        else if constexpr (requires(Op const& op) { op.arguments(); })
            return Equation::of(operation_of<Op>, operands, static_cast<Op const*>(node.attributes)->arguments());
        else return Equation::of(operation_of<Op>, operands);
    }
    std::string_view name() const override { return Op::name; }
    int joins(Node const& node) const override {
        if constexpr (requires { Op::joins; }) return static_cast<int>(static_cast<Op const*>(node.attributes)->axis);
        else return Rule::joins(node);
    }
    std::optional<Averaged> averages(Node const& node) const override {
        if constexpr (requires(Op const& op) { op.averages(); })
            return static_cast<Op const*>(node.attributes)->averages();
        else return Rule::averages(node);
    }
    bool surrogate() const override {
        if constexpr (requires { Op::surrogate; }) return Op::surrogate;
        else return false;
    }

    template <Real T>
    static void run(Tape const& tape, Op const& op, Window const& value, std::span<Window const* const> operands) {
        with<T>(tape, operands, [&](auto const&... x) { op.template f<T>(array_of<T>(tape, value), x...); });
    }

private:
    // Calls f with the operands as arrays: one by one, or as a span.
    template <Real T, class F> static void with(Tape const& tape, std::span<Window const* const> operands, F&& f) {
        if constexpr (Op::signature.variadic()) {
            thread_local std::vector<Array<T const>> xs;  // kept, so that a loop does not allocate
            xs.clear();
            for (Window const* w : operands) xs.push_back(array_of<T const>(tape, *w));
            f(std::span<Array<T const> const>(xs));
        } else {
            [&]<std::size_t... K>(std::index_sequence<K...>) { f(array_of<T const>(tape, *operands[K])...); }
            (std::make_index_sequence<static_cast<std::size_t>(Op::signature.operands())>{});
        }
    }
    template <Real T> static void pull(Node const& node, Adjoints& adjoints) {
        auto const& op         = *static_cast<Op const*>(node.attributes);
        Array<T const> const y = array_of<T const>(adjoints.tape(), node.value);
        Array<T const> const g{static_cast<T const*>(adjoints.of(node)), y.shape, y.strides, nullptr};
        with<T>(adjoints.tape(), node.operands, [&](auto const&... x) {
            if constexpr (requires { op.together(std::array<Receiver<T>, sizeof...(x)>(), g, y, x...); }) {
                each_receiver<T, sizeof...(x)>(node, adjoints,
                                               [&](auto const& to) { pull_together<T>(op, to, g, y, x...); });
            } else if constexpr (Op::signature.variadic()) {
                for (std::size_t k = 0; k < node.operands.size(); ++k)
                    apply_rule<T>(adjoints, *node.operands[k], g, [&] { return increment_of<T>(op, k, g, y, x...); });
            } else {
                std::apply(
                    [&](auto const&... rule) {
                        std::size_t k = 0;
                        (..., apply_rule<T>(adjoints, *node.operands[k++], g, rule));
                    },
                    rules_of<T>(op, g, y, x...));
            }
        });
    }
    template <Real T, std::size_t n, class F> static void each_receiver(Node const& node, Adjoints& adjoints, F pull) {
        std::array<Receiver<T>, n> all{};
        bool apart = true;
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = 0; j < k; ++j) apart &= node.operands[j]->node != node.operands[k]->node;
        for (std::size_t k = 0; k < n; ++k) {
            Target const to = adjoints.into(*node.operands[k]);
            all[k]          = {array_of<T>(to, *node.operands[k]), to.fill};
            if (!apart) pull(all), all[k].fill = WriteMode::none;
        }
        if (apart) pull(all);
    }
    template <Real T, class R>
    static void apply_rule(Adjoints& adjoints, Window const& operand, Array<T const> const& g, R const& rule) {
        if (!adjoints.tape().requires_grad(operand)) return;
        if constexpr (std::is_invocable_v<R, Array<T>, WriteMode>) {
            Target const t = adjoints.into(operand);
            rule(array_of<T>(t, operand), t.fill);
        } else if constexpr (std::is_invocable_v<R, Array<T>>)
            rule(array_of<T>(adjoints.into_zeroed(operand), operand));
        else if constexpr (std::is_same_v<std::invoke_result_t<R const&>, Product<T>>)
            add<T>(adjoints, operand, rule(), g);
        else add<T>(adjoints, operand, rule());
    }
};
template <class Op> inline constexpr CallRule<Op> call_rule{};

/// Records a call.
template <class Op> Var call(Op const& op, Where where, std::span<Argument const> arguments) {
    Tape& tape = common_tape(arguments, Op::name, where);
    return attempted(tape, before(tape, arguments), [&] {
        auto const operands = windows(tape, arguments, where);
        Shape shape         = Op::signature.infer(tape, Op::name, operands, where);
        if constexpr (Op::signature.decided_by_operation()) shape = op.result(operands);
        Node* const node = tape.allocate(shape, where);
        Op* const kept   = tape.arena().make<Op>(op);
        dispatch(tape.dtype(),
                 [&](auto t) { CallRule<Op>::template run<decltype(t)>(tape, *kept, node->value, operands); });
        return tape.record(node, &call_rule<Op>, operands, kept);
    });
}
template <class Op, class... X> Var call(Op const& op, Where where, X const&... x) {
    static_assert(sizeof...(X) == static_cast<std::size_t>(Op::signature.operands()),
                  "this operation was called with the wrong number of operands");
    std::array<Argument, sizeof...(X)> const arguments{Argument(x)...};
    return call(op, where, std::span<Argument const>(arguments));
}

}  // namespace unspool::core

namespace unspool {

using core::Argument;

}  // namespace unspool
