// What single sequences of a batch say, from one sweep: how much their gradients differ, a training in which none
// counts for more than the others, with noise, and one along gradients that are divided by what the weights met.
#include <cstdio>
#include <map>

#include "mgu.hpp"

namespace {

constexpr Index batch = 32, steps = 8;
constexpr int updates = 200;

/// A cell and a readout, which is to say at the last step what came at the first.
struct Model {
    Params params{1};
    Mgu cell{params / "cell", 1, 16};
    nn::Linear out{params / "out", 16, 1};

    /// Squared errors [B], of random sequences.
    Var losses(Tape& tape, Random& random) const {
        xt::xarray<float> data = xt::zeros<float>({steps, batch, Index{1}});
        for (float& x : data) x = static_cast<float>(random.uniform(-1, 1));
        Var const xs = tape.constant(data);
        Var const y  = out(scan(cell, xs, cell.zeros(tape, batch)).state);
        return sum(square(y - xs[0]), -1);
    }
};

double mean_of(Var const& losses) { return mean(losses).item(); }

/// No sequence moves the weights by more than the others can, and noise hides what is left.
double train_privately() {
    Model model;
    Sgd sgd(model.params, {.rate = 0.2});
    Random random(2), noise(3);
    Tape tape;
    double error = 0;
    for (int update = 0; update < updates; ++update) {
        tape.rewind();
        Var const losses = model.losses(tape, random);
        PerSequence each(losses);
        Gradients& g = each.clipped_sum(1);  // each of norm 1 at most
        for (Param* p : model.params.all()) {
            float* const d = g.mutable_data<float>(*p);
            for (Index i = 0; i < p->count(); ++i) d[i] = (d[i] + static_cast<float>(0.5 * noise.normal())) / batch;
        }
        sgd.step(g);
        error = mean_of(losses);
    }
    return error;
}

/// Along gradients divided by the Kronecker factors of each weight, which are means over updates.
double train_with_curvature() {
    Model model;
    Sgd sgd(model.params, {.rate = 0.1});
    Random random(2);
    Tape tape;
    std::map<Param const*, KroneckerFactors> factors;
    double error = 0;
    for (int update = 0; update < updates; ++update) {
        tape.rewind();
        Var const losses = model.losses(tape, random);
        PerSequence each(losses);
        Gradients& g = each.sum(std::vector<double>(batch, 1.0 / batch));
        for (WeightRows const& rows : each.rows().all()) {
            auto& f = factors.try_emplace(rows.param, rows).first->second;
            f.average(KroneckerFactors(rows), 0.9);
            f.precondition(g, rows, 0.01);
        }
        clip_grad_norm(g, 1);
        sgd.step(g);
        error = mean_of(losses);
    }
    return error;
}

}  // namespace

int main() {
    Model const model;
    Tape tape;
    Random random(2);
    Var const losses = model.losses(tape, random);
    require_separate(losses);  // no sequence sees another
    double const before = mean_of(losses);

    PerSequence each(losses);
    std::vector<double> const norms = each.norms();
    auto const [least, most]        = std::minmax_element(norms.begin(), norms.end());
    std::printf("gradients of %td sequences have norms from %.3f to %.3f\n", batch, *least, *most);
    std::printf("noise scale %.1f: a batch that is much larger is of little use\n", each.noise_scale().simple());

    double const privately = train_privately(), with_curvature = train_with_curvature();
    std::printf("squared error %.3f; after %d updates %.3f with noise, %.3f with curvature\n", before, updates,
                privately, with_curvature);
    return privately < before && with_curvature < before ? 0 : 1;
}
