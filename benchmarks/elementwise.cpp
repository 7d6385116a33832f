// Functions of many elements: their speed, and how exact they are, against xtensor and the standard library.
#include "elementwise.hpp"

#include <algorithm>
#include <memory>
#include <unspool.hpp>
#include <xtensor/xadapt.hpp>

#include "functions.hpp"
#include "xtensor_functions.hpp"

namespace bench {

namespace {

using unspool::core::Pause, unspool::Tape, unspool::Var;
using Floats = std::vector<float>;

/// Under Pause: nothing but the loop.
template <class F> Ready with_unspool(Floats const& xs) {
    struct State {
        Tape tape;
        Pause pause{tape};
        Var x, y;
        Tape::Mark begin;

        explicit State(Floats const& input) : x(tape.input(xt::adapt(input))), begin(tape.mark()) {}
        void run() { tape.rewind(begin), y = F()(x); }
    };
    auto const s = std::make_shared<State>(xs);
    return {[=] { s->run(); },
            [=] {
                auto const y = s->y.template value<float>();
                return Floats(y.begin(), y.end());
            }};
}

template <class F> Ready with_std(Floats const& xs) {
    auto const ys = std::make_shared<Floats>(xs.size());
    return {[=] { std::transform(xs.begin(), xs.end(), ys->begin(), F()); }, [=] { return *ys; }};
}

template <class F> Contest contest(std::size_t n) {
    Floats xs(n);
    for (std::size_t i = 0; i < n; ++i)
        xs[i] = static_cast<float>(F::at(static_cast<double>(i) / static_cast<double>(n - 1)));
    std::vector<Contender> const peers{{"xtensor", [=] { return with_xtensor<F>(xs); }},
                                       {"std", [=] { return with_std<F>(xs); }}};
    Contest out{F::name, std::to_string(n) + " elements", 1, unspool_and(peers, [=] { return with_unspool<F>(xs); })};
    out.speed = nanoseconds_per("element", static_cast<double>(n));
    out.exact = [=] {
        std::vector<double> y(n);
        std::transform(xs.begin(), xs.end(), y.begin(), [](float x) { return F()(static_cast<double>(x)); });
        return y;
    };
    return out;
}

}  // namespace

std::vector<Contest> elementwise_contests() {
    std::vector<Contest> out;
    for (std::size_t n : {std::size_t{1} << 12, std::size_t{1} << 20})
        for (Contest const& c : {contest<Exp>(n), contest<Log>(n), contest<Tanh>(n), contest<Sigmoid>(n),
                                 contest<Expm1>(n), contest<Erf>(n), contest<Tan>(n)})
            out.push_back(c);
    return out;
}

}  // namespace bench
