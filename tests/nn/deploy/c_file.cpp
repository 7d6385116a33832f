// C files compute what a tape computes, with both compilers and without a warning.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <dlfcn.h>
#include <fmt/format.h>
#include <nn/deploy/cells.hpp>
#include <nn/files/scratch.hpp>

using namespace unspool;

namespace {

constexpr char const* strict = "-std=c99 -Wall -Wextra -Wconversion -pedantic -Werror";

int shell(std::string const& command) { return std::system(command.c_str()); }

std::vector<deploy::NamedCell> all_cells() {
    auto out = deploy::shipped_cells(Params(3));
    for (auto& c : deploy::example_cells(Params(4))) out.push_back(std::move(c));
    for (std::uint64_t seed = 0; seed < 50; ++seed) out.push_back(deploy::random_cell(seed));
    return out;
}

/// Files in C of all cells as one library.
class Library {
public:
    template <class Options> Library(std::vector<deploy::NamedCell> const& cells, Options options) {
        for (auto const& cell : cells) {
            CFileOptions o = options;
            o.inputs = cell.inputs, o.name = cell.name;
            core::write_c_files(cell.plannable(1), (folder_ / (cell.name + ".c")).string(), o, Where::here());
        }
        std::string const to = "cd " + folder_.folder.string() + " && ";
        BOOST_REQUIRE(shell(fmt::format("{}gcc {} -O1 -fPIC -shared $(ls *.c | grep -v _test.c) -o all.so -lm", to,
                                        strict)) == 0);
        BOOST_TEST(shell(fmt::format("{}clang {} -fsyntax-only *.c", to, strict)) == 0);
        library_ = dlopen((folder_ / "all.so").c_str(), RTLD_NOW);
        BOOST_REQUIRE(library_ != nullptr);
    }
    Library(Library const&) = delete;
    ~Library() { dlclose(library_); }

    /// Two functions that look for what they are called: reset and step.
    template <class F> F* function(std::string const& name) const {
        void* const f = dlsym(library_, name.c_str());
        BOOST_REQUIRE(f != nullptr);
        return reinterpret_cast<F*>(f);
    }

private:
    files::TemporaryFolder folder_;
    void* library_ = nullptr;
};

/// What goes into a step.
template <class T> struct Inputs {
    std::vector<std::vector<T>> numbers;
    std::vector<std::span<T const>> spans;

    Inputs(deploy::NamedCell const& cell, Random& random) {
        for (Shape const& s : cell.inputs)
            for (T& v : numbers.emplace_back(static_cast<std::size_t>(s[0]))) v = static_cast<T>(random.normal());
        for (auto const& each : numbers) spans.emplace_back(each);
    }
};

/// A cell in C beside its stream.
template <class T> class Twin {
public:
    Twin(Library const& library, deploy::NamedCell const& cell)
        : cell_(cell)
        , stream_(core::plan_of(cell.plannable(1), {1, cell.inputs, core::dtype_of<T>}, {}))
        , step_(library.function<void()>(cell.name + "_step")) {
        std::size_t size = 0;
        for (auto const& name : stream_.state_names()) size += stream_.state(name).size();
        state_.resize(size);
        y_.resize(static_cast<std::size_t>(count(stream_.plan().results[0].window.shape)));
        library.function<void(T*)>(cell.name + "_reset")(state_.data());
    }

    /// The worst difference after any of so many steps, each from the stream's state, less eight times what the last digits of that state
    /// lead to: some cells divide by what may be near 0.  A state that grows without bound starts again.
    double worst_of_steps(int steps) {
        Random random(11);
        nn::Stream<T> nudged = stream_;
        double out           = 0;
        for (int t = 0; t < steps; ++t) {
            Inputs<T> const x(cell_, random);
            double largest = 0;
            copy_state([&](T& own, T theirs) {
                own = theirs, largest = std::max(largest, std::abs(static_cast<double>(theirs)));
            });
            if (!(largest < 1000)) stream_.reset(), copy_state([](T& own, T theirs) { own = theirs; });
            nudge(nudged, random);
            step(x.numbers);
            double const reach = farthest(nudged.step(x.spans), stream_.step(x.spans)), d = difference();
            out = std::max(out, d - 8 * std::max(reach, farthest_state(nudged)));
        }
        return out;
    }
    /// The same, each step from its own state.
    double worst_by_itself(int steps) {
        Random random(11);
        double out = 0;
        for (int t = 0; t < steps; ++t) {
            Inputs<T> const x(cell_, random);
            step(x.numbers), stream_.step(x.spans);
            out = std::max(out, difference());
        }
        return out;
    }

private:
    static double difference(T a, T b) {
        if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
        double const d = std::abs(static_cast<double>(a - b)) / std::max(1., std::abs(static_cast<double>(b)));
        return std::isnan(d) ? 1e9 : d;
    }
    static double farthest(std::span<T const> a, std::span<T const> b) {
        double out = 0;
        for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, difference(a[i], b[i]));
        return out;
    }
    double farthest_state(nn::Stream<T> const& other) const {
        double out = 0;
        for (auto const& name : stream_.state_names())
            out = std::max(out, farthest(other.state(name), stream_.state(name)));
        return out;
    }
    /// The stream's state with other last digits.
    void nudge(nn::Stream<T>& to, Random& random) const {
        for (auto const& name : stream_.state_names()) {
            auto const from = stream_.state(name);
            std::vector<T> moved(from.begin(), from.end());
            for (T& v : moved) v *= 1 + (random.uniform() < 0.5 ? -1 : 1) * std::numeric_limits<T>::epsilon();
            to.set_state(name, moved);
        }
    }
    /// Of what C gives and its state from the stream's.
    double difference() {
        double out = farthest(y_, stream_.result("y"));
        copy_state([&](T own, T theirs) { out = std::max(out, difference(own, theirs)); });
        return out;
    }
    template <class F> void copy_state(F f) {
        std::size_t at = 0;
        for (auto const& name : stream_.state_names())
            for (T theirs : stream_.state(name)) f(state_[at++], theirs);
    }
    void step(std::vector<std::vector<T>> const& x) {
        if (x.size() == 1) reinterpret_cast<void (*)(T*, T const*, T*)>(step_)(state_.data(), x[0].data(), y_.data());
        else
            reinterpret_cast<void (*)(T*, T const*, T const*, T*)>(step_)(state_.data(), x[0].data(), x[1].data(),
                                                                          y_.data());
    }

    deploy::NamedCell const& cell_;
    nn::Stream<T> stream_;
    void (*step_)();
    std::vector<T> state_, y_;
};

/// Each step from the tape's state: a chaotic cell, or one that jumps, goes its own way from a last digit on.
template <class T> void check_all(double bound) {
    auto const cells = all_cells();
    Library const library(cells, CFileOptions{.dtype = core::dtype_of<T>});
    for (auto const& cell : cells) {
        double const worst = Twin<T>(library, cell).worst_of_steps(10'000);
        // One divides by a sum that may be near 0; the other's memory, untrained, grows, and what it gives is a difference of that.
        bool const ill = cell.name == "mlstm" || cell.name == "lmu";
        BOOST_TEST(worst <= (ill ? 100 : 1) * bound, cell.name << ": " << worst);
    }
    for (auto const& cell : deploy::shipped_cells(Params(3))) {
        double const worst = Twin<T>(library, cell).worst_by_itself(10'000);
        BOOST_TEST(worst <= 10 * bound, cell.name << " by itself: " << worst);
    }
}

/// What its own test says.
int run_test(CFileOptions options) {
    files::TemporaryFolder const folder;
    Params const p(6);
    options.name = "cell";
    write_c((folder / "cell.c").string(), nn::MGUCell(p, 3, 8), options);
    return shell(fmt::format("cd {} && gcc {} -O1 cell.c cell_test.c -o cell_test -lm && ./cell_test >printed",
                             folder.folder.string(), strict));
}

std::string refused(auto const& cell) {
    files::TemporaryFolder const folder;
    try {
        write_c((folder / "cell.c").string(), cell, {.inputs = {{3}}});
    } catch (TypeError const& e) {
        BOOST_TEST(folder.names().empty());
        return e.what();
    }
    return "nothing was thrown";
}

struct Sorting {
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return tanh(cumsum(x + h, -1)); }
};
struct Own {
    static constexpr auto name = "own";
    template <class V> static V f(V x) { return x * x; }
    template <class V> static V df(V x, V) { return x + x; }
};
struct WithOwn : Sorting {
    Var operator()(Var x, Var h) const { return tanh(apply<Own>(x + h)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(c_file)

BOOST_AUTO_TEST_CASE(of_every_cell_is_the_tape_in_float) { check_all<float>(1e-6); }
BOOST_AUTO_TEST_CASE(of_every_cell_is_the_tape_in_double) { check_all<double>(1e-13); }

BOOST_AUTO_TEST_CASE(brings_a_test_that_passes) {
    BOOST_TEST(run_test({}) == 0);
    BOOST_TEST(run_test({.dtype = float64}) == 0);
    BOOST_TEST(run_test({.batch = 3}) == 0);
    BOOST_TEST(run_test({.loaded = true}) == 0);
    BOOST_TEST(run_test({.int8 = true}) == 0);
    BOOST_TEST(run_test({.loaded = true, .int8 = true}) == 0);
    BOOST_TEST(run_test({.jacobian = true}) == 0);
    BOOST_TEST(run_test({.head = [](Var h) -> Var { return softmax(2 * h); }}) == 0);
}

BOOST_AUTO_TEST_CASE(has_its_equations_in_it) {
    files::TemporaryFolder const folder;
    write_c((folder / "mgu.c").string(), nn::MGUCell(Params(1), 2, 4));
    std::string const text = files::contents(folder / "mgu.c");
    BOOST_TEST(text.find("static real sigmoid(real x)") != std::string::npos, text);
    BOOST_TEST(files::contents(folder / "mgu.h").find("float h[4];") != std::string::npos);
    BOOST_CHECK_THROW(write_c((folder / "a.c").string(), nn::MGUCell(Params(1), 2, 4), {.name = "no name"}), NameError);
}

BOOST_AUTO_TEST_CASE(is_refused_of_what_c_cannot_say) {
    std::string const sorting = refused(Sorting()), own = refused(WithOwn());
    BOOST_TEST((sorting.find("c_file.cpp:") == 0 && sorting.find("cumsum is not among") != std::string::npos), sorting);
    BOOST_TEST(
        (own.find("c_file.cpp:") == 0 && own.find("own does not say how it is written in C") != std::string::npos),
        own);
}

BOOST_AUTO_TEST_SUITE_END()
