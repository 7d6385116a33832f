// Temporal order.
#include "learning.hpp"
#include "tasks.hpp"

namespace tasks {

namespace {

enum Symbol : Index { a, b, c, d, x, y, begin, end, symbols };  // a to d mean nothing
constexpr std::size_t longest = 110;

struct Orders {
    xt::xtensor<Index, 2> inputs;         // [T,B]
    std::vector<Index> lengths, classes;  // xx, xy, yx, yy
};

Index in(Index low, Index high, Random& random) {
    return low + static_cast<Index>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

/// 100 to 110 symbols; of the two that matter, the first is the 11th to the 21st, the second the 51st to the 61st.
Orders orders(Index size, Random& random) {
    Orders out{xt::zeros<Index>({longest, static_cast<std::size_t>(size)}), {}, {}};
    for (Index i = 0; i < size; ++i) {
        Index const length = in(100, 110, random), first = in(x, y, random), second = in(x, y, random);
        auto const at = [&](Index t) -> Index& {
            return out.inputs(static_cast<std::size_t>(t), static_cast<std::size_t>(i));
        };
        for (Index t = 1; t < length - 1; ++t) at(t) = in(a, d, random);
        at(0) = begin, at(length - 1) = end;
        at(in(10, 20, random)) = first, at(in(50, 60, random)) = second;
        out.lengths.push_back(length), out.classes.push_back(2 * (first - x) + second - x);
    }
    return out;
}

}  // namespace

Figure order(std::uint64_t seed) {
    Params params(seed);
    Model<nn::GRUCell> const model(params, symbols, 32, 4);
    nn::init::constant_block(*model.cell.gates.W.bias, 1, 3, 5);  // z is almost 1 at first: the state stays
    auto const logits = [&](Tape& tape, Orders const& o) {
        return model.last(one_hot(tape, o.inputs, symbols), {.lengths = o.lengths});
    };
    learn(params, {.updates = 1500, .batch = 32}, seed, orders,
          [&](Tape& tape, Orders const& o) { return cross_entropy(logits(tape, o), o.classes); });

    Tape tape;
    Random random(unseen(seed));
    Orders const judged = orders(5000, random);
    return {"GRU 32, update bias 5, 1,500 updates", "classes right",
            accuracy(logits(tape, judged), judged.classes).value(), 0.99, false};
}

}  // namespace tasks
