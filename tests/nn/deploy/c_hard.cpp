// Cells that are awkward to write as C: names that C has, numbers that a float has not, operations at their edges.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nn/files/scratch.hpp>
#include <unspool.hpp>

using namespace unspool;

namespace {

int run(std::string const& command) { return std::system(command.c_str()); }

/// Without a warning by both compilers, its header as C++ as well; and what its own test says.
template <class C> int built(C const& cell, CFileOptions options) {
    files::TemporaryFolder const folder;
    options.name = "cell";
    write_c((folder / "cell.c").string(), cell, options);
    std::string const strict = "-std=c99 -Wall -Wextra -Wconversion -pedantic -Werror";
    return run(fmt::format(
        "cd {} && clang {} -fsyntax-only *.c && g++ -fsyntax-only -Wall -Werror -include cell.h -x c++ /dev/null && "
        "gcc {} -O1 cell.c cell_test.c -o cell_test -lm && ./cell_test >printed",
        folder.folder.string(), strict, strict));
}

struct Gate {
    static constexpr auto name = "gate", c = "return x * x;";
    template <class V> static V f(V x) { return x * x; }
    template <class V> static V df(V x, V) { return x + x; }
};
struct OtherGate {
    static constexpr auto name = "gate", c = "return x + x;";
    template <class V> static V f(V x) { return x + x; }
    template <class V> static V df(V, V) { return V(2); }
};
struct NoWord {
    static constexpr auto name = "σ′", c = "return 1 - x;";
    template <class V> static V f(V x) { return V(1) - x; }
    template <class V> static V df(V, V) { return V(-1); }
};
struct Exp2 {
    static constexpr auto name = "exp2", c = "return x / 2;";
    template <class V> static V f(V x) { return x / V(2); }
    template <class V> static V df(V, V) { return V(0.5); }
};

/// Everything is called as something else is.
struct BadlyNamed {
    nn::Linear softmax_, class_, expf_, W_, cell_state_, CELL_X_;
    Param& scale_;

    explicit BadlyNamed(Params p)
        : softmax_(p / "softmax", 3, 4)
        , class_(p / "class", 4, 4, nn::no_bias)
        , expf_(p / "expf", 4, 4, nn::no_bias)
        , W_(p / "W", 4, 4, nn::no_bias)
        , cell_state_(p / "cell_state", 4, 4)
        , CELL_X_(p / "CELL_X", 4, 4)
        , scale_(p.normal("W_scale", {4}, 0, 1)) {}

    struct Input {
        Var x, X, h;
    };
    struct State {
        Var h;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{4}}); }
    State operator()(Input in, State s) const {
        Var sigmoid = Var(unspool::sigmoid(softmax_(in.x) + class_(s.h))).named("a */ int /* b\n#?\?/ \\");
        Var gate    = apply<Gate>(in.X) + apply<OtherGate>(in.h) * scale_;
        Var isnan   = apply<NoWord>(gate) + apply<Exp2>(W_(sigmoid)) + exp(-square(expf_(s.h)));
        return {tanh(softmax(isnan) + gate + CELL_X_(cell_state_(in.X)))};
    }
};

struct Masked {
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return h / 2 + softmax(where(x > 0, x, -1e300)) + minimum(x, 1e39); }
};
/// All tuples of so many of these.
template <class T> std::vector<T> tuples(std::vector<double> const& of, Index arity) {
    std::size_t n = 1;
    for (Index k = 0; k < arity; ++k) n *= of.size();
    std::vector<T> out;
    for (std::size_t each = 1; each < n * of.size() && std::ssize(out) < arity * static_cast<Index>(n);
         each *= of.size())
        for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<T>(of[i / each % of.size()]));
    return out;
}

/// A compiled cell, whose step takes one input.
template <class T> class Compiled {
public:
    template <class C> Compiled(C const& cell, CFileOptions options) {
        options.name = "cell", options.dtype = core::dtype_of<T>;
        write_c((folder_ / "cell.c").string(), cell, options);
        BOOST_REQUIRE(run(fmt::format("cd {} && gcc -std=c99 -Wall -Wextra -Wconversion -pedantic -Werror -O1 -fPIC "
                                      "-shared cell.c -o all.so -lm",
                                      folder_.folder.string())) == 0);
        library_ = dlopen((folder_ / "all.so").c_str(), RTLD_NOW);
        BOOST_REQUIRE(library_ != nullptr);
        step_ = reinterpret_cast<void (*)(T*, T const*, T*)>(dlsym(library_, "cell_step"));
    }
    Compiled(Compiled const&) = delete;
    ~Compiled() { dlclose(library_); }
    void step(T* state, T const* x, T* y) const { step_(state, x, y); }

private:
    files::TemporaryFolder folder_;
    void* library_                  = nullptr;
    void (*step_)(T*, T const*, T*) = nullptr;
};

/// What comes out is the input from its end, and the state is made of it.
struct Shifting {
    struct State {
        Var first, second;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{4}}); }
    State operator()(Var x, State s) const { return {x, s.first}; }
};
Var output_of(Shifting::State const& s) { return flip(s.first, -1); }

/// All of x is the state, and what a head makes of it comes out.
struct Remembering {
    using State = Var;
    Index n;
    Index in() const { return n; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, n}); }
    Var operator()(Var x, Var) const { return x; }
};
Var of_lists(Var x) {
    constexpr auto keep = Reduced::keep;
    std::vector<Var> out{sum(x, -1, keep), prod(x, -1, keep), norm2(x, -1, keep), logsumexp(x, -1, keep)};
    if (x.size(1) > 0)
        for (Var y : {mean(x, -1, keep), max(x, -1, keep), min(x, -1, keep), softmax(x), log_softmax(x), layer_norm(x),
                      rms_norm(x)})
            out.push_back(y);
    return concat(out, -1);
}

template <class Error> std::string complaint_of(auto f) {
    try {
        f();
    } catch (Error const& e) { return e.what(); }
    return "nothing was thrown";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(c_file_of_hard_cells)

BOOST_AUTO_TEST_CASE(has_names_of_its_own) {
    Params const p(1);
    BadlyNamed const cell(p);
    std::vector<Shape> const inputs{{3}, {4}, {4}};
    BOOST_TEST(built(cell, {.inputs = inputs}) == 0);
    BOOST_TEST(built(cell, {.inputs = inputs, .dtype = float64}) == 0);
    BOOST_TEST(built(cell, {.inputs = inputs, .loaded = true}) == 0);
    BOOST_TEST(built(cell, {.inputs = inputs, .int8 = true}) == 0);
    BOOST_TEST(built(cell, {.inputs = inputs, .loaded = true, .int8 = true}) == 0);
}

BOOST_AUTO_TEST_CASE(has_numbers_beyond_those_of_a_float) {
    BOOST_TEST(built(Masked(), {}) == 0);
    BOOST_TEST(built(Masked(), {.loaded = true}) == 0);
}

template <class T> void check_lists(Index n, double bound) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    Compiled<T> const cell(Remembering{n}, {.inputs = {{n}}, .head = of_lists});
    std::vector<T> const all = tuples<T>({0, 1, -1, 200, 3e38, inf, -inf, std::nan("")}, n);
    for (std::size_t row = 0; row < (n == 0 ? 1 : all.size() / static_cast<std::size_t>(n)); ++row) {
        std::vector<T> x, state(static_cast<std::size_t>(n) + 1), y(100);
        for (Index k = 0; k < n; ++k)
            x.push_back(all[static_cast<std::size_t>(k) * (all.size() / static_cast<std::size_t>(n)) + row]);
        cell.step(state.data(), x.data(), y.data());
        Tape tape(core::dtype_of<T>);
        Var const expected = of_lists(reshape(tape.constant(x), {1, n}));
        auto const view    = expected.value<T>();
        std::size_t i      = 0;
        for (T e : view) {
            bool const same = y[i] == e || (std::isnan(y[i]) && std::isnan(e)) ||
                              std::abs(static_cast<double>(y[i]) - static_cast<double>(e)) <=
                                  bound * std::max(1., std::abs(static_cast<double>(e)));
            BOOST_TEST(same, "number " << i << " of " << fmt::format("{}", fmt::join(x, ", ")) << ": " << y[i]
                                       << ", not " << e);
            ++i;
        }
    }
}
BOOST_AUTO_TEST_CASE(is_the_tape_where_lists_have_edges) {
    for (Index n : {0, 1, 3}) check_lists<float>(n, 1e-5), check_lists<double>(n, 1e-12);
}

BOOST_AUTO_TEST_CASE(may_write_what_comes_out_over_what_goes_in) {
    Compiled<float> const cell(Shifting(), {.inputs = {{4}}});
    std::array<float, 8> state{}, other{};
    for (float t = 1; t < 4; ++t) {
        std::array<float, 4> x{t, 2 * t, 3 * t, 4 * t}, y{};
        cell.step(state.data(), x.data(), y.data()), cell.step(other.data(), x.data(), x.data());
        BOOST_TEST(x == y, boost::test_tools::per_element());
        BOOST_TEST(x[0] == 4 * t);
        BOOST_TEST(state == other, boost::test_tools::per_element());
        BOOST_TEST(state[0] == t);
    }
}

BOOST_AUTO_TEST_CASE(may_have_nothing_in_it) {
    BOOST_TEST(built(Remembering{0}, {.inputs = {{0}}, .head = of_lists}) == 0);
    BOOST_TEST(built(Remembering{0}, {.inputs = {{0}}, .dtype = float64, .loaded = true, .int8 = true}) == 0);
}

BOOST_AUTO_TEST_CASE(is_called_as_its_user_says) {
    files::TemporaryFolder const folder;
    for (char const* name : {"m", "state", "gamma", "double"})
        write_c((folder / fmt::format("{}.c", name)).string(), Masked(), {});
    BOOST_TEST(run(fmt::format("cd {} && gcc -std=c99 -Werror -fsyntax-only *.c", folder.folder.string())) == 0);
    BOOST_CHECK_THROW(write_c((folder / "a.h").string(), Masked(), {}), ValueError);
    BOOST_CHECK_THROW(write_c((folder / "a_test.c").string(), Masked(), {.name = "a"}), ValueError);
}

BOOST_AUTO_TEST_CASE(is_refused_of_weights_that_8_bits_do_not_hold) {
    files::TemporaryFolder const folder;
    Params const p(1);
    nn::RNNCell const cell(p / "rnn", 2, 3);
    for (Param* each : p.all())
        if (each->shape().rank() == 2) each->mutable_value<float>()(0, 0) = std::numeric_limits<float>::infinity();
    std::string const said =
        complaint_of<ValueError>([&] { write_c((folder / "a.c").string(), cell, {.int8 = true}); });
    BOOST_TEST((said.find("c_hard.cpp:") == 0 && said.find("inf in the weight rnn.") != std::string::npos), said);
    BOOST_TEST(folder.names().empty());
}

BOOST_AUTO_TEST_SUITE_END()
