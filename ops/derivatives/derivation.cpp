// One entry an operation: compiled here, so that users' files need not.
#include <algorithm>
#include <unspool/ops/derivatives/derivation.hpp>
#include <unspool/ops/derivatives/symbol.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/losses/loss.hpp>
#include <vector>

namespace unspool::core {

namespace {

struct Entry {
    Operation const* op;
    std::size_t arity;
    Derivation derivation;
};

template <class Op, std::size_t... k> Entry entry(std::index_sequence<k...>) {
    constexpr std::size_t arity = sizeof...(k);
    return {&operation_of<Op, static_cast<int>(arity)>,
            arity,
            {DerivationOf<Op, arity>::value.pull, [](std::span<Symbol const> x) {
                 Tape& tape = tape_of(x);
                 return record_operation<Op>(as_var(tape, x[k])...);
             }}};
}
template <std::size_t arity, class... Op> void enter(std::vector<Entry>& to, List<Op...>) {
    (..., to.push_back(entry<Op>(std::make_index_sequence<arity>{})));
}

std::vector<Entry> entries() {
    std::vector<Entry> out;
    enter<1>(out, UnaryOps{});
    enter<2>(out, BinaryOps{});
    enter<3>(out, TernaryOps{});
    enter<2>(out, List<Huber, BinaryCrossEntropy, BinaryCrossEntropyWithLogits, KullbackLeibler, PoissonNll>{});
    enter<3>(out, List<GaussianNll, GaussianKl>{});
    return out;
}

}  // namespace

Derivation const* derivation_of(Operation const& op, std::size_t arity) {
    static std::vector<Entry> const all = entries();
    auto const it =
        std::find_if(all.begin(), all.end(), [&](Entry const& e) { return e.arity == arity && *e.op == op; });
    return it == all.end() ? nullptr : &it->derivation;
}

}  // namespace unspool::core
