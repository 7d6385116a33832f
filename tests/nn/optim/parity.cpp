// 1,000 steps of every optimiser, as PyTorch makes them.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

using golden::Json;

SgdOptions sgd(Json const& o) {
    return {.rate         = o["lr"],
            .momentum     = o.value("momentum", 0.0),
            .dampening    = o.value("dampening", 0.0),
            .weight_decay = o.value("weight_decay", 0.0),
            .nesterov     = o.value("nesterov", false)};
}

AdagradOptions adagrad(Json const& o) {
    AdagradOptions out;
    out.rate         = o.value("lr", out.rate);
    out.rate_decay   = o.value("lr_decay", out.rate_decay);
    out.weight_decay = o.value("weight_decay", out.weight_decay);
    out.initial_sum  = o.value("initial_accumulator_value", out.initial_sum);
    out.eps          = o.value("eps", out.eps);
    return out;
}

RmsPropOptions rmsprop(Json const& o) {
    RmsPropOptions out;
    out.rate         = o.value("lr", out.rate);
    out.alpha        = o.value("alpha", out.alpha);
    out.eps          = o.value("eps", out.eps);
    out.weight_decay = o.value("weight_decay", out.weight_decay);
    out.momentum     = o.value("momentum", out.momentum);
    out.centred      = o.value("centered", out.centred);
    return out;
}

// The defaults, which differ between Adam and AdamW, stand where the golden file says nothing.
template <class Options> Options adam(Json const& o) {
    Options out;
    out.rate         = o.value("lr", out.rate);
    out.beta1        = o.contains("betas") ? o["betas"][0].get<double>() : out.beta1;
    out.beta2        = o.contains("betas") ? o["betas"][1].get<double>() : out.beta2;
    out.eps          = o.value("eps", out.eps);
    out.weight_decay = o.value("weight_decay", out.weight_decay);
    out.amsgrad      = o.value("amsgrad", out.amsgrad);
    return out;
}

std::unique_ptr<FirstOrder> make(Params const& p, std::string const& kind, Json const& o) {
    if (kind == "SGD") return std::make_unique<Sgd>(p, sgd(o));
    if (kind == "Adagrad") return std::make_unique<Adagrad>(p, adagrad(o));
    if (kind == "RMSprop") return std::make_unique<RmsProp>(p, rmsprop(o));
    if (kind == "Adam") return std::make_unique<Adam>(p, adam<AdamOptions>(o));
    if (kind == "AdamW") return std::make_unique<AdamW>(p, adam<AdamWOptions>(o));
    throw std::runtime_error("no such optimiser: " + kind);
}

// The same parameters and gradients as in tests/golden/training.py.
struct Course {
    Random random{11};
    Params params{0, float64};
    Tape tape{float64};
    std::vector<xt::xarray<double>> scales, targets;

    Course() {
        for (auto const& [name, shape] : {std::pair{"a", Shape{2, 3}}, {"b", Shape{4}}, {"c", Shape{2}}}) {
            Param& p = params.constant(name, shape, 0.5);
            targets.push_back(uniforms(p));
            scales.push_back(xt::ones_like(targets.back()));
        }
        scales[0](0, 1) = 1e-8;
        scales[1](2)    = 0;
    }

    xt::xarray<double> uniforms(Param const& p) {
        xt::xarray<double> out = xt::empty<double>(std::vector<std::size_t>(p.shape().begin(), p.shape().end()));
        for (double& x : out) x = random.uniform(-1, 1);
        return out;
    }

    Gradients gradients(int t) {
        tape.rewind();
        Var loss      = tape.constant(0);
        std::size_t k = 0;
        for (Param* p : params.all()) {
            xt::xarray<double> const g = scales[k] * (uniforms(*p) + 0.3 * (p->value<double>() - targets[k]));
            if (k++ != 1 || (t > 5 && t % 4 != 2)) loss = loss + sum(tape.lift(*p) * g);
        }
        return backward(loss);
    }
};

/// The largest distance from PyTorch's parameters over the whole course.
double worst(Json const& file, Json const& one) {
    Course course;
    auto const optimiser = make(course.params, one["optimiser"], one["options"]);
    std::size_t at       = 0;
    double far           = 0;
    Json const groups    = one["options"].value("groups", Json::object());
    for (auto const& [name, g] : groups.items())
        optimiser->scale(course.params[name], {.rate = g["rate"], .decay = g["decay"]});
    for (int t = 1; t <= 1000; ++t) {
        optimiser->step(course.gradients(t));
        if (t != file["stored"][at]) continue;
        for (Param* p : course.params.all()) {
            auto const expected = golden::array<double>(one["parameters"][at][p->path()]);
            auto const actual   = p->value<double>();
            for (std::size_t i = 0; i < expected.size(); ++i)
                far = std::max(far, golden::distance(actual.flat(i), expected.flat(i)));
        }
        ++at;
    }
    BOOST_TEST(at == file["stored"].size());
    return far;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parity)

BOOST_AUTO_TEST_CASE(with_pytorch_over_a_thousand_steps) {
    Json const file = golden::file("training");
    for (auto const& one : file["optimisers"]) BOOST_TEST_CONTEXT(one["optimiser"] << " " << one["options"]) {
            double const far = worst(file, one);
            BOOST_TEST_MESSAGE(one["optimiser"] << " " << one["options"] << ": " << far);
            BOOST_TEST(far <= 1e-12);
        }
}

BOOST_AUTO_TEST_SUITE_END()
