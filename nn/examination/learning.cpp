// Draws a lesson, and takes one step in each of a few directions: on tapes of its own, so that parameters stay as they are.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/nn/examination/learning.hpp>
#include <unspool/nn/optim/conjugate_gradients.hpp>
#include <unspool/nn/optim/hessian_spectrum.hpp>
#include <unspool/nn/optim/kronecker.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

using flat::along, flat::dot;
using Direction = flat::Numbers;

/// On the tape, parameters have these numbers.
void stand_in(Tape& tape, Params const& params, Direction const& numbers) {
    auto at = numbers.begin();
    for (Param const* p : params.all()) {
        auto* const values =
            static_cast<double*>(tape.arena().array(static_cast<std::size_t>(p->count()) * sizeof *at));
        std::copy_n(at, p->count(), values);
        if (p->trained()) tape.substitute(*p, values);
        at += p->count();
    }
}

/// The numbers of each parameter in another order, in which none stays where it was (Sattolo 1986): others, of the same size and spread; half
/// of it where it is a single one.
Direction in_another_order(Params const& params) {
    Direction out = params.flatten();
    Random random(3);
    auto at = out.begin();
    for (Param const* p : params.all()) {
        auto const n = static_cast<std::ptrdiff_t>(p->count());
        if (p->trained() && n == 1) *at /= 2;
        for (std::ptrdiff_t k = n; p->trained() && k-- > 1;)
            std::swap(at[k], at[static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(k)))]);
        at += n;
    }
    return out;
}

/// The mean over all axes but that of the sequences.
Var by_sequence(Var x) {
    Var out = mean(x, 0, Reduced::drop);
    return out.shape().rank() > 1 ? mean(reshape(out, {out.size(0), -1}), -1, Reduced::drop) : out;
}

}  // namespace

Lesson::Lesson(ExaminedCell const& cell, Params const& params, std::vector<Shape> const& inputs,
               std::vector<xt::xarray<double>> sequences, SequenceLoss loss, Where where)
    : cell_(cell), xs_(std::move(sequences)), loss_(std::move(loss)), where_(where) {
    Random random(4);
    if (xs_.empty())
        for (Shape const& shape : inputs) xs_.push_back(noise_behind({8, 32}, shape, random));
    bool const fine = xs_.size() == inputs.size() && std::all_of(xs_.begin(), xs_.end(), [&](auto const& x) {
                          return x.dimension() > 1 && x.shape(0) > 0 && x.shape(1) > 0 &&
                                 x.shape(0) == xs_[0].shape(0) && x.shape(1) == xs_[0].shape(1);
                      });
    if (!fine)
        throw ShapeError(fmt::format("{}: examine: ExamineOptions::sequences should be {} of shapes [steps,batch,…]",
                                     text(where), inputs.size()));
    if (loss_) return;
    Tape tape(float64);
    stand_in(tape, params, in_another_order(params));
    std::vector<Var> constants;
    for (auto const& x : xs_) constants.push_back(tape.constant(x));
    xt::xarray<double> const wanted = outputs(tape, constants).value<double>();
    loss_ = [wanted](Var ys, std::span<Var const>) { return by_sequence(square(ys - wanted)); };
}

Var Lesson::outputs(Tape& tape, std::vector<Var> const& xs) const {
    auto all = cell_.erased(sequences()).scan(xs, cell_.stepped.start(tape, sequences()), {});
    all.resize(static_cast<std::size_t>(steps()));
    return stack(all);
}

Lesson::Heard Lesson::operator()(Tape& tape) const {
    std::vector<Var> xs;
    for (auto const& x : xs_) xs.push_back(tape.constant(x));
    Var const ys = outputs(tape, xs), losses = loss_(ys, xs);
    if (!(losses.shape(where_) == Shape{sequences()}))
        throw ShapeError(fmt::format("{}: examine: ExamineOptions::loss gives {}, and not one loss for each of {} "
                                     "sequences",
                                     text(where_), text(losses.shape()), sequences()));
    return {ys, losses};
}

namespace {

/// One batch on a tape, from which all directions start.
class Start {
public:
    Start(Lesson const& lesson, Params const& params, Where where)
        : lesson_(lesson), params_(params), where_(where), heard_(lesson(tape_)), loss_(mean(heard_.losses)) {
        if (!loss_.requires_grad()) throw ValueError("there is nothing to learn");
        gradient_         = backward(loss_).flatten(params);
        double const size = dot(gradient_, gradient_), loss = loss_.item();
        if (!std::isfinite(loss)) throw ValueError(std::isnan(loss) ? "the loss is NaN" : "the loss is infinite");
        if (!std::isfinite(size)) throw ValueError("the gradient is not finite, or too large to square");
        if (size == 0) throw ValueError("the gradient is 0: there is nothing more to learn");
    }

    NoiseScale noise() {
        require_separate(heard_.losses, where_);
        return PerSequence(heard_.losses, where_).noise_scale(where_);
    }
    std::vector<double> eigenvalues() { return hessian_eigenvalues(loss_, params_, 40, where_); }
    LearningStep plain() { return step(gradient_, "the gradient"); }

    LearningStep kronecker() {
        PerSequence each(heard_.losses, where_);
        Gradients& g  = each.sum(std::vector<double>(static_cast<std::size_t>(each.sequences()),
                                                    1.0 / static_cast<double>(each.sequences())));
        Index trained = 0, divided = 0;
        for (Param const* p : params_.all()) {
            std::vector<WeightRows const*> met;
            for (WeightRows const& rows : each.rows().all())
                if (rows.param == p) met.push_back(&rows);
            trained += p->trained(), divided += met.size() == 1 && divide(g, *met[0]);
        }
        if (divided == 0) throw ValueError("no parameter is a factor of products of one kind, from which they are");
        return step(g.flatten(params_), fmt::format("factors of {} of {} parameters", divided, trained));
    }

    /// With a damping that is small beside the curvature.
    LearningStep hessian_free() {
        double const damping = 0.01 * std::max(eigenvalues().back(), 1e-6);
        auto const found     = conjugate_gradients(
                gradient_, [&](Direction const& d) { return along(bent(d), damping, d); }, Direction(gradient_.size()));
        return step(along(Direction(gradient_.size()), -1, found.last()), fmt::format("{} products", found.products));
    }

private:
    bool divide(Gradients& g, WeightRows const& rows) const {
        KroneckerFactors const f(rows, where_);
        double const a = trace(f.A) / static_cast<double>(f.A.shape(0)),
                     b = trace(f.G) / static_cast<double>(f.G.shape(0));
        if (!(a * b > 0)) return false;
        f.precondition(g, rows, 0.1 * a * b, where_);
        return true;
    }
    static double trace(xt::xarray<double> const& m) {
        double sum = 0;
        for (std::size_t i = 0; i < m.shape(0); ++i) sum += m(i, i);
        return sum;
    }
    /// G d, of the Gauss–Newton matrix.
    Direction bent(Direction const& d) {
        Tape::Mark const here = tape_.mark();
        auto const Gd         = gauss_newton(loss_, heard_.ys, params_, flat::onto(tape_, params_, d), where_);
        Direction out         = flat::from(Gd, params_);
        tape_.rewind(here);
        return out;
    }
    double loss_at(Direction const& theta) const {
        Tape tape(float64);
        stand_in(tape, params_, theta);
        return Var(mean(lesson_(tape).losses)).item();
    }
    LearningStep step(Direction const& d, std::string by) {
        double const before = loss_.item(), bend = dot(d, bent(d));
        if (!(bend > 0)) throw ValueError("the loss does not bend upwards in this direction");
        Direction const theta = params_.flatten();
        double length = dot(gradient_, d) / bend, after = before;
        for (int k = 0; k < 10; ++k, length /= 2)
            if ((after = loss_at(along(theta, -length, d))) < before) break;
        return {before, after, std::move(by)};
    }

    Lesson const& lesson_;
    Params const& params_;
    Where where_;
    Tape tape_{float64};
    Lesson::Heard heard_;
    Var loss_;
    Direction gradient_;
};

}  // namespace

Learning learning_of(Lesson const& lesson, Params const& params, Where where) {
    Learning out;
    out.sequences = lesson.sequences(), out.steps = lesson.steps();
    auto const of = [&](auto f) {
        return possible([&] {
            Start start(lesson, params, where);
            return f(start);
        });
    };
    out.noise        = of([](Start& b) { return b.noise(); });
    out.eigenvalues  = of([](Start& b) { return b.eigenvalues(); });
    out.plain        = of([](Start& b) { return b.plain(); });
    out.hessian_free = of([](Start& b) { return b.hessian_free(); });
    out.kronecker    = of([](Start& b) { return b.kronecker(); });
    return out;
}

}  // namespace unspool::core
