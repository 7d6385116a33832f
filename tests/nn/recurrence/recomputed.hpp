// Networks that can be run plainly and recomputed, and everything that comes out of them, bit by bit.
#pragma once
#include <cstring>
#include <fmt/format.h>
#include <mgu.hpp>
#include <nn/cells.hpp>
#include <unspool.hpp>
#include <unspool/autograd/cpu/product.hpp>
#include <unspool/autograd/gradcheck/view_copy.hpp>

namespace recomputed {

using namespace unspool;
using namespace unspool::core;

/// Those of the mechanisms that have a bit in k.
inline Mechanisms mechanisms(int k) {
    return {(k & 1) != 0, (k & 2) != 0, (k & 4) != 0, (k & 8) != 0, (k & 16) != 0 ? nullptr : copied};
}

struct Bits {
    std::vector<std::pair<std::string, std::vector<unsigned char>>> arrays;

    template <class X> void add(std::string name, X const& x) {
        dispatch(x.dtype(), [&](auto t) {
            using T = decltype(t);
            xt::xarray<T> const v(x.template value<T>());
            std::vector<unsigned char> bytes(v.size() * sizeof(T));
            if (!bytes.empty()) std::memcpy(bytes.data(), v.data(), bytes.size());
            arrays.emplace_back(std::move(name), std::move(bytes));
        });
    }
};

/// "" where all bits are the same; else in which array they differ.
inline std::string first_difference(Bits const& a, Bits const& b) {
    if (a.arrays.size() != b.arrays.size()) return "how many arrays";
    for (std::size_t k = 0; k < a.arrays.size(); ++k)
        if (a.arrays[k] != b.arrays[k]) return a.arrays[k].first;
    return "";
}

/// A loss, and its gradients.
inline Bits bits_of(Tape& tape, Var const& loss, std::vector<Var> const& inputs, Params const& params) {
    Bits out;
    out.add("loss", loss);
    Gradients const g = backward(loss);
    for (std::size_t k = 0; k < inputs.size(); ++k) out.add(fmt::format("input {}", k), g[inputs[k]]);
    for (Param* p : params.all()) out.add(p->path(), g[*p]);
    out.add("a product after it", Var(matmul(tape.lift(*params.all()[0]), transpose(tape.lift(*params.all()[0])))));
    return out;
}

struct Sizes {
    Index T, B;
    std::vector<Index> every;
    Index I = 5, H = 6;
};

/// How a network is run.
struct Network {
    enum Loss { all, some, last };

    std::vector<Index> lengths = {};
    bool mask = false, reverse = false;
    Index detach_every    = 0;
    StateNoise noise      = {};
    Loss loss             = all;
    Mechanisms mechanisms = {};
    Index recompute_every = 0;
};

/// Looks at values that were recorded before the scan, by weights of its own.
struct Attending {
    using State = Var;
    nn::GRUCell cell;
    Param& W;
    Var memory = {};  // [B,4,H]

    Attending(Params p, Index in, Index hidden)
        : cell(p / "cell", in + hidden, hidden), W(p.uniform("W", {hidden, hidden}, -1, 1)) {}

    Var operator()(Var x, Var h) const {
        Var const q      = linear(h, W);
        Var const scores = sum(memory * reshape(q, {q.size(0), 1, q.size(1)}), -1);
        Var const seen   = sum(memory * reshape(softmax(scores), {q.size(0), scores.size(1), 1}), 1);
        return cell(concat({x, seen}, -1), h);
    }
};

/// Two cells, one above the other, and how many steps there were.
struct NestedState {
    nn::LSTMCell::State lower;
    struct Upper {
        Var h, slow;
    } upper;
    double steps = 0;
};
struct Nested {
    using State = NestedState;
    nn::LSTMCell lower;
    nn::GRUCell upper;

    Nested(Params p, Index in, Index hidden) : lower(p / "lower", in, hidden), upper(p / "upper", hidden, hidden) {}

    State operator()(Var x, State const& s) const {
        auto const l = lower(x, s.lower);
        Var const h  = upper(l.h, s.upper.h + 0.1 * s.upper.slow);
        return {l, {h, Var(0.9 * s.upper.slow + h * (1 / (1 + s.steps)))}, s.steps + 1};
    }
};

template <class Cell> auto state_of(Var h, Var c) {
    if constexpr (std::same_as<Cell, Nested>) return NestedState{{h, c}, {c, h}};
    else if constexpr (std::same_as<Cell, nn::LSTMCell>) return nn::LSTMCell::State{h, c};
    else return h;
}

template <class Cell> class NetOf {
public:
    NetOf(Dtype dtype, Sizes const& s)
        : sizes_(s), params_(7, dtype), cell_(params_ / "cell", s.I, s.H), tape_(dtype) {}

    Bits run(Network const& how) {
        auto const [T, B, _, I, H] = sizes_;
        auto const size            = [](Index n) { return static_cast<std::size_t>(n); };
        tape_.rewind();
        tape_.mechanisms = how.mechanisms;
        Random random(5);
        auto const numbers = [](std::vector<std::size_t> const& shape, std::uint64_t seed) {
            Random r(seed);
            xt::xarray<double> out(shape);
            for (double& x : out) x = r.uniform(-1, 1);
            return out;
        };
        Var const xs = tape_.input(numbers({size(T), size(B), size(I)}, 1)),
                  h0 = tape_.input(numbers({size(B), size(H)}, 2)), c0 = tape_.input(numbers({size(B), size(H)}, 3)),
                  m = tape_.input(numbers({size(B), 4, size(H)}, 4));
        if constexpr (std::same_as<Cell, Attending>) cell_.memory = m;
        ScanOptions options{.lengths         = how.lengths,
                            .reverse         = how.reverse,
                            .detach_every    = how.detach_every,
                            .noise           = how.noise,
                            .recompute_every = how.recompute_every};
        options.noise.random = &random;
        if (how.mask) options.mask = tape_.constant(xt::where(numbers({size(T), size(B)}, 5) > -0.5, 1.0, 0.0));
        auto const r = scan(cell_, xs, state_of<Cell>(h0, c0), options);
        Var loss     = tape_.constant(0);
        for (Index t = 0; t < T; ++t)
            if (how.loss == Network::all || (how.loss == Network::some && t % 3 == 1))
                loss = loss + sum(r.outputs[t] * tape_.constant(numbers({size(B), size(H)}, 9)));
        for (Var const& part : states::parts(r.state)) loss = loss + sum(square(part));
        Bits out = bits_of(tape_, loss, {xs, h0, c0, m}, params_);
        for (Index t = 0; t < T; ++t) out.add(fmt::format("output {}", t), r.outputs[t]);
        out.add("a draw after it", tape_.constant(random.uniform()));
        return out;
    }

private:
    Sizes sizes_;
    Params params_;
    Cell cell_;
    Tape tape_;
};

/// A recurrence of one's own over a sequence, whose steps are computed again by threes.
struct Simple {
    Params params{5};
    Param &W{params.uniform("W", {4, 4}, -1, 1)}, &U{params.uniform("U", {4, 4}, -1, 1)};
    Tape tape;
    Var xs, h0;

    Simple() { begin(); }
    void begin() {
        tape.rewind();
        xs = tape.input(cells::numbers({20, 16, 4}, 1)), h0 = tape.input(cells::numbers({16, 4}, 2));
    }
    Var step(Var x, Var h) const { return tanh(linear(x, W) + linear(h, U)); }
    template <class Cell> Var loss(Cell&& cell, ScanOptions const& options = {.recompute_every = 3}) {
        auto const r = scan<Cell, Var>(std::forward<Cell>(cell), xs, h0, options);
        return sum(square(stack(r.outputs)));
    }
    Bits bits(Var const& l) { return bits_of(tape, l, {xs, h0}, params); }
};

inline bool says(std::exception const& e, std::string_view part) {
    bool const found = std::string_view(e.what()).find(part) != std::string_view::npos;
    if (!found) BOOST_TEST_MESSAGE(e.what());
    return found;
}

}  // namespace recomputed
