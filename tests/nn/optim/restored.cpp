// An object that is given the fields of another goes on exactly as that one does.
#include <cstring>
#include <nn/cells.hpp>
#include <unspool/nn/files/entry.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

struct Copy {
    Field to;
    void operator()(Param* x) const {
        Param* const y = std::get<Param*>(to);
        BOOST_REQUIRE((x->shape() == y->shape()));
        std::memcpy(y->mutable_data(float64), x->data(float64), static_cast<std::size_t>(x->count()) * sizeof(double));
    }
    void operator()(BoundedIndex x) const {
        auto const y = std::get<BoundedIndex>(to);
        BOOST_TEST((y.low <= *x.at && *x.at <= y.high));
        *y.at = *x.at;
    }
    template <class T> void operator()(T* x) const { *std::get<T*>(to) = *x; }
};

/// What a checkpoint does, without the file.
template <class T> void restore(T& to, T& from) {
    Fields a, b;
    a.add("object", from), b.add("object", to);
    BOOST_REQUIRE(a.all().size() == b.all().size());
    for (std::size_t k = 0; k < a.all().size(); ++k) {
        BOOST_TEST(a.all()[k].path == b.all()[k].path);
        std::visit(Copy{b.all()[k].field}, a.all()[k].field);
    }
}

struct Side {
    Params params{0, float64};
    Param &a = params.normal("a", {3, 5}, 0, 1), &b = params.normal("b", {7}, 0, 1);
    Tape tape{float64};

    Gradients gradients(std::uint64_t t) {
        tape.rewind();
        Var loss = sum(square(tape.lift(a) - numbers({3, 5}, t)));
        if (t % 3 != 0) loss = loss + sum(square(tape.lift(b)) * numbers({7}, t));
        return backward(loss);
    }
    std::vector<double> all() const {
        std::vector<double> out;
        for (Param* p : params.all()) {
            auto const x = p->value<double>();
            out.insert(out.end(), x.begin(), x.end());
        }
        return out;
    }
};

void copy(Side& to, Side& from) {
    Copy{Field(&to.a)}(&from.a);
    Copy{Field(&to.b)}(&from.b);
}

template <class T, class Options> void goes_on(Options options) {
    Side one, other;
    T first(one.params, options), second(other.params, options);
    first.scale(one.b, {.rate = 0.3}), second.scale(other.b, {.rate = 0.3});
    for (std::uint64_t t = 1; t < 8; ++t) first.step(one.gradients(t));
    first.rate(0.013);
    second.step(other.gradients(99));  // it was somewhere else
    copy(other, one), restore(second, first);
    auto const then = one.all();
    for (std::uint64_t t = 8; t < 18; ++t) {
        first.step(one.gradients(t)), second.step(other.gradients(t));
        BOOST_TEST((one.all() == other.all()));
    }
    BOOST_TEST((one.all() != then));
    BOOST_TEST(second.rate() == 0.013);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(restored)

BOOST_AUTO_TEST_CASE(optimisers_go_on_bit_for_bit) {
    goes_on<Sgd>(SgdOptions{});
    goes_on<Sgd>(SgdOptions{.momentum = 0.9, .dampening = 0.2});
    goes_on<Adagrad>(AdagradOptions{.rate_decay = 0.1, .initial_sum = 0.1});
    goes_on<RmsProp>(RmsPropOptions{.weight_decay = 0.01, .momentum = 0.9, .centred = true});
    goes_on<Adam>(AdamOptions{.beta2 = 0.6, .amsgrad = true});
    goes_on<AdamW>(AdamWOptions{});
}

BOOST_AUTO_TEST_CASE(a_plateau_goes_on) {
    Side one, other;
    Sgd a(one.params, {.rate = 1}), b(other.params, {.rate = 1});
    ReduceOnPlateau first(a, {.factor = 0.9, .patience = 2, .cooldown = 3}),
        second(b, {.factor = 0.9, .patience = 2, .cooldown = 3});
    for (int t = 0; t < 5; ++t) first.step(1);  // cooling, now
    second.step(0);
    restore(second, first), restore(b, a);
    for (int t = 0; t < 40; ++t) BOOST_TEST(first.step(1) == second.step(1));
    BOOST_TEST(a.rate() == b.rate());
    BOOST_TEST(a.rate() < 0.5);
}

BOOST_AUTO_TEST_CASE(averages_go_on) {
    for (bool equal : {false, true})
        for (bool swapped : {false, true}) {
            Side one, other;
            auto first  = equal ? Averaging::equal(one.params) : Averaging::exponential(one.params, 0.8);
            auto second = equal ? Averaging::equal(other.params) : Averaging::exponential(other.params, 0.8);
            Sgd a(one.params), b(other.params);
            for (std::uint64_t t = 1; t < 5; ++t) a.step(one.gradients(t)), first.update();
            if (swapped) first.swap();
            copy(other, one), restore(second, first);
            if (swapped) first.swap(), second.swap();
            for (std::uint64_t t = 5; t < 9; ++t)
                a.step(one.gradients(t)), first.update(), b.step(other.gradients(t)), second.update();
            first.swap(), second.swap();
            BOOST_TEST((one.all() == other.all()));
            BOOST_TEST(second.updates() == 8);
        }
}

BOOST_AUTO_TEST_CASE(pruning_goes_on) {
    Side one, other;
    Pruning first(one.params), second(other.params);
    first.prune(0.5);
    restore(second, first);
    second.apply();
    BOOST_TEST(second.pruned() == 11);
    BOOST_TEST((one.all() == other.all()));
}

BOOST_AUTO_TEST_SUITE_END()
