// Names of functions, and the values that they take one after the other.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/layers/onnx_activations.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn::onnx {

namespace {

/// A number that a function has: given, or usual, or one that must be given.
struct Value {
    bool there                  = false;
    std::optional<double> usual = {};
};
constexpr Value none{}, needed{true};
constexpr Value usually(double x) { return {true, x}; }

struct Function {
    std::string_view name;
    Value alpha, beta;
    Var (*f)(Var x, double alpha, double beta);
};

Function const known[] = {
    {"Relu", none, none, [](Var x, double, double) -> Var { return relu(x); }},
    {"Tanh", none, none, [](Var x, double, double) -> Var { return tanh(x); }},
    {"Sigmoid", none, none, [](Var x, double, double) -> Var { return sigmoid(x); }},
    {"Affine", needed, needed, [](Var x, double a, double b) -> Var { return a * x + b; }},
    {"LeakyRelu", usually(0.01), none, [](Var x, double a, double) -> Var { return leaky_relu(x, a); }},
    {"ThresholdedRelu", usually(1), none, [](Var x, double a, double) -> Var { return thresholded_relu(x, a); }},
    {"ScaledTanh", needed, needed, [](Var x, double a, double b) -> Var { return scaled_tanh(x, a, b); }},
    {"HardSigmoid", usually(0.2), usually(0.5),
     [](Var x, double a, double b) -> Var { return clamp(a * x + b, 0, 1); }},
    {"Elu", usually(1), none, [](Var x, double a, double) -> Var { return elu(x, a); }},
    {"Softsign", none, none, [](Var x, double, double) -> Var { return softsign(x); }},
    {"Softplus", none, none, [](Var x, double, double) -> Var { return softplus(x); }},
};

std::string all_names() {
    std::string out;
    for (Function const& f : known) out += fmt::format("{}{}", out.empty() ? "" : ", ", f.name);
    return out;
}

/// Speaks for an operator that was given what it cannot take.
struct Complaint {
    std::string_view op;
    Where where;

    template <class... A> [[noreturn]] void operator()(fmt::format_string<A...> what, A&&... a) const {
        throw ValueError(fmt::format("{}: {}: {}", text(where), op, fmt::format(what, std::forward<A>(a)...)));
    }
};

Function const& named(std::string const& name, Complaint const& complain) {
    auto const f =
        std::find_if(std::begin(known), std::end(known), [&](Function const& k) { return same_word(k.name, name); });
    if (f == std::end(known)) complain("no activation is called {}; there are {}", shown(name), all_names());
    return *f;
}

/// The values of one attribute, to be taken in order.
class Values {
public:
    Values(char const* attribute, std::vector<double> const& all, Complaint complain)
        : attribute_(attribute), all_(all), complain_(complain) {}

    double next(Function const& f, Value v) {
        if (!v.there) return 0;
        if (taken_ < all_.size()) return all_[taken_++];
        if (!v.usual) complain_("{} lacks a value for {}, which has no default", attribute_, f.name);
        return *v.usual;
    }
    void require_all_taken() const {
        if (taken_ < all_.size())
            complain_("{} has {} values, of which the activations take {}", attribute_, all_.size(), taken_);
    }

private:
    char const* attribute_;
    std::vector<double> const& all_;
    std::size_t taken_ = 0;
    Complaint complain_;
};

Activation clipped(Activation f, std::optional<double> clip) {
    if (!clip) return f;
    return [f, c = *clip](Var x) -> Var { return f(clamp(x, -c, c)); };
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::vector<Activation> functions_of(std::string_view op, Activations const& a, Where where) {
    Complaint const complain{op, where};
    if (a.clip && !(*a.clip > 0)) complain("clip is {}, but must be above 0", *a.clip);
    Values alphas("activation_alpha", a.alpha, complain), betas("activation_beta", a.beta, complain);
    std::vector<Activation> out;
    for (std::string const& name : a.names) {
        Function const& f  = named(name, complain);
        double const alpha = alphas.next(f, f.alpha), beta = betas.next(f, f.beta);
        out.push_back(clipped([f, alpha, beta](Var x) { return f.f(x, alpha, beta); }, a.clip));
    }
    alphas.require_all_taken(), betas.require_all_taken();
    return out;
}

}  // namespace unspool::nn::onnx
