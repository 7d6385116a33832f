// Tens of thousands of parameters, in all that walks over them.  Whatever looked through all of them for each would take minutes.
#include <filesystem>
#include <nn/cells.hpp>
#include <unspool/nn/files/entry.hpp>
#include <unspool/nn/files/safetensors.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

constexpr int n = 30'000;

std::string name(int i) { return fmt::format("layer{}.w", i); }

/// Parameters that are 1, 2, 3 …, each below a path of its own.
struct Model {
    Params params{0, float64};
    std::vector<Param*> own;

    Model() {
        for (int i = 0; i < n; ++i) own.push_back(&params.constant(name(i), {}, i + 1));
    }
    Var sum(Tape& tape) const {
        Var h = tape.input(0.0);
        for (Param const* p : own) h = h + *p;
        return h;
    }
};

struct File {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool_many_{}", getpid());
    ~File() { fs::remove(path); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(many_parameters)

BOOST_AUTO_TEST_CASE(are_found) {
    Model const m;
    for (int i = 0; i < n; ++i)
        BOOST_REQUIRE((m.params.contains(name(i)) && &m.params[name(i)] == m.own[static_cast<std::size_t>(i)]));
    for (int i = 0; i < n; ++i) BOOST_REQUIRE((m.params / fmt::format("layer{}", i)).all().size() == 1u);
    BOOST_TEST((m.params.all() == m.own));
    BOOST_TEST(m.params.count() == n);
    BOOST_CHECK_THROW(Params(m.params).zeros(name(7), {}), NameError);
}

BOOST_AUTO_TEST_CASE(have_gradients) {
    Model const m;
    Tape tape(float64), other(float64);
    Gradients g = backward(m.sum(tape));
    for (Param* p : m.own) BOOST_REQUIRE((g.reached(*p) && *g.mutable_data<double>(*p) == 1));
    Gradients none = backward(other.input(0.0));
    none += g, none += g;
    for (Param* p : m.own) BOOST_REQUIRE(none[*p].item() == 2);
    BOOST_TEST(clip_grad_norm(none, m.own, 1) == 2 * std::sqrt(n), boost::test_tools::tolerance(1e-12));
    clip_grad_value(none, m.own, 1e-3);
    BOOST_TEST(clip_grad_norm(none, 1e9) == 1e-3 * std::sqrt(n), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(are_optimised) {
    Model const m;
    Tape tape(float64);
    Gradients const g = backward(m.sum(tape));
    auto const steps  = [&](auto optimiser) {
        m.own.front()->assign(1), m.own.back()->assign(n);
        optimiser.scale(m.own, {.decay = 0});
        for (int k = 0; k < 3; ++k) optimiser.step(g);
        Fields fields;
        fields.add("optimiser", optimiser);
        BOOST_TEST(fields.all().size() > static_cast<std::size_t>(n));
        return m.own.front()->value<double>()() - m.own.back()->value<double>()() + n - 1;  // 0: both went as far
    };
    BOOST_TEST(std::abs(steps(Sgd(m.params, {.momentum = 0.5}))) < 1e-9);
    BOOST_TEST(std::abs(steps(Adam(m.params, {.amsgrad = true}))) < 1e-9);
    BOOST_TEST(std::abs(steps(AdamW(m.params))) < 1e-9);
    BOOST_TEST(std::abs(steps(Adagrad(m.params))) < 1e-9);
    BOOST_TEST(std::abs(steps(RmsProp(m.params, {.momentum = 0.5}))) < 1e-9);
    auto average = Averaging::exponential(m.params, 0.9);
    average.update(), average.swap(), average.swap();
    Pruning pruning(m.params);
    pruning.prune(0.5);
    BOOST_TEST(pruning.pruned() == n / 2);
}

BOOST_AUTO_TEST_CASE(are_saved_and_loaded) {
    Model const a, b;
    File const file;
    for (Param* p : b.own) p->assign(0);
    save(a.params, file.path, {.rename = [](auto s) { return "x" + std::string(s); }});
    load(b.params, file.path, {.rename = [](auto s) { return std::string(s.substr(1)); }});
    BOOST_TEST(b.own.back()->value<double>()() == n);
    for (Param* p : b.own) p->assign(0);
    Checkpoint from, to;
    std::vector<Index> numbers(n, 3), others(n, 0);
    from.add("params", a.params), to.add("params", b.params);
    for (int i = 0; i < n; ++i) {
        from.add(fmt::format("n{}", i), numbers[static_cast<std::size_t>(i)]);
        to.add(fmt::format("n{}", i), others[static_cast<std::size_t>(i)]);
    }
    BOOST_CHECK_THROW(from.add("n7", numbers[7]), NameError);
    BOOST_CHECK_THROW(from.add("params", a.params), NameError);
    from.save(file.path), to.load(file.path);
    BOOST_TEST(b.own.back()->value<double>()() == n);
    BOOST_TEST((numbers == others));
}

BOOST_AUTO_TEST_SUITE_END()
