// Gradient checks of second derivatives, of cells.
#include <nn/cells.hpp>
#include <unspool/ops/derivatives/differentiated.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

/// A sine whose derivative is right, and whose derivative's derivative is not: it takes the cosine for a constant.
struct HalfSine {
    static constexpr auto name           = "half_sine";
    static constexpr Signature signature = "[...] -> [...]";
    auto forward(auto const& x) const { return xt::sin(x); }
    auto adjoints(auto const& g, auto const&, auto const& x) const { return std::tuple(g * xt::cos(x)); }
    Var gradient(std::size_t, Var g, Var, std::span<Var const> x) const { return g * Var(cos(x[0])).detach(); }
};
struct Waves {
    nn::Linear W, U;
    explicit Waves(Params p) : W(p / "W", 2, 3), U(p / "U", 3, 3) {}
    Var operator()(Var x, Var h0) const { return custom(HalfSine{}, Var(W(x) + U(h0))); }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Index in() const { return 2; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(second_order_of_cells)

BOOST_AUTO_TEST_CASE(right_ones_pass) {
    Params params(3);
    nn::LSTMCell const lstm(params / "lstm", 2, 3);
    nn::GRUCell const gru(params / "gru", 2, 3);
    nn::MGUCell const mgu(params / "mgu", 2, 3);
    BOOST_TEST(gradcheck(lstm, {.steps = 3, .order = 2}));
    BOOST_TEST(gradcheck(gru, {.steps = 3, .order = 2}));
    BOOST_TEST(gradcheck(mgu, {.batch = 1, .steps = 2, .order = 3}));
}

BOOST_AUTO_TEST_CASE(one_that_is_wrong_at_the_second_order_alone_is_found) {
    Params params(3);
    Waves const waves(params);
    BOOST_TEST(gradcheck(waves));
    BOOST_TEST(!gradcheck(waves, {.order = 2}));
}

BOOST_AUTO_TEST_SUITE_END()
