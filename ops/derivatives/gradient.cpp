// Asks a recorded sweep.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/derivatives/products.hpp>
#include <unspool/ops/derivatives/sweep.hpp>

namespace unspool::core {

namespace {

void require_seed(Var const& y, Var const& seed, Where where) {
    Shape const& shape = y.shape(where);
    if (seed.empty() && count(shape) != 1)
        throw ShapeError(
            fmt::format("{}: gradient wants a scalar, {} has the shape {}: sum it, or pass a seed of its shape",
                        text(where), label(y), text(shape)));
    if (!seed.empty() && !(seed.shape(where) == shape))
        throw ShapeError(fmt::format("{}: gradient: {} has the shape {}, its seed {}", text(where), label(y),
                                     text(shape), text(seed.shape(where))));
}

}  // namespace

std::vector<Var> gradient(Var y, std::span<Var const> xs, Var seed, Where where) {
    require_seed(y, seed, where);
    Tape& tape = y.tape(where);
    Attempt const attempt(tape);
    Var const from =
        seed.empty() ? tape.filled(y.shape(), where, [](auto v) { std::fill(v.begin(), v.end(), 1); }) : seed;
    RecordedSweep sweep(tape, xs, where);
    sweep.seed(y, from);
    sweep.run();
    std::vector<Var> out;
    for (Var const& x : xs) out.push_back(sweep.of(x));
    return out;
}

std::vector<Var> gradient_of_sum(std::span<Var const> ys, std::span<Var const> seeds, std::span<Var const> xs,
                                 NodeId from, Where where) {
    std::vector<Var> out;
    if (xs.empty()) return out;
    RecordedSweep sweep(xs[0].tape(where), xs, where);
    for (std::size_t k = 0; k < ys.size(); ++k) sweep.seed(ys[k], seeds[k]);
    sweep.run(from);
    for (Var const& x : xs) out.push_back(sweep.of(x));
    return out;
}

Var gradient(Var y, Var x, Var seed, Where where) { return gradient(y, std::span(&x, 1), seed, where)[0]; }

std::vector<Var> gradient(Var y, Params const& params, Var seed, Where where) {
    Tape& tape = y.tape(where);
    Attempt const attempt(tape);
    return gradient(y, lifted(tape, params, where), seed, where);
}

}  // namespace unspool::core
