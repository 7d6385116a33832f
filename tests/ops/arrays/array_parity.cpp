// Operations of arrays and losses of classes: values and gradients as PyTorch has them.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <golden.hpp>
#include <map>
#include <set>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using golden::Json;
using Inputs = std::span<Var const>;
using Types  = boost::mpl::list<float, double>;

namespace {

std::vector<double> const class_weights{0.5, 2, 1.5, 0.25};
std::array const targets{3, 0, -100, 2, 0};

ClassLoss class_loss(Over over, double smoothing) { return {over, -100, class_weights, smoothing}; }
template <Over over> Var smoothed(Inputs x) { return cross_entropy(x[0], targets, class_loss(over, 0.1)); }
template <Over over> Var likelihood(Inputs x) { return nll(log_softmax(x[0]), targets, class_loss(over, 0)); }
template <Over over> Var aligned(Inputs x) {
    return ctc(log_softmax(x[0]), {{1, 1, 4}, {2}, {3, 4, 1}}, {over, 0, {7, 5, 6}});
}

std::map<std::string, std::function<Var(Inputs)>> const calls{
    {"sum",
     [](Inputs x) {
         return sum(x[0], {0, 2});
     }},
    {"mean", [](Inputs x) { return mean(x[0], 1, Reduced::keep); }},
    {"prod", [](Inputs x) { return prod(x[0], 1); }},
    {"prod_with_zeros", [](Inputs x) { return prod(x[0], 1); }},
    {"var",
     [](Inputs x) {
         return var(x[0], {0, 2});
     }},
    {"var_uncorrected", [](Inputs x) { return var(x[0], 1, Reduced::keep, 0); }},
    {"stddev",
     [](Inputs x) {
         return stddev(x[0], {0, 1});
     }},
    {"max",
     [](Inputs x) {
         return max(x[0], {0, 2});
     }},
    {"max_tied", [](Inputs x) { return max(x[0], 1); }},
    {"min", [](Inputs x) { return min(x[0], 1); }},
    {"norm2",
     [](Inputs x) {
         return norm2(x[0], {0, 1});
     }},
    {"logsumexp",
     [](Inputs x) {
         return logsumexp(x[0], {1, 2});
     }},
    {"softmax", [](Inputs x) { return softmax(x[0], 1); }},
    {"log_softmax", [](Inputs x) { return log_softmax(x[0], 0); }},
    {"cumsum", [](Inputs x) { return cumsum(x[0], 1); }},
    {"cumprod", [](Inputs x) { return cumprod(x[0], 1); }},
    {"cumprod_with_zeros", [](Inputs x) { return cumprod(x[0], 1); }},
    {"layer_norm",
     [](Inputs x) {
         return layer_norm(x[0], {1, 2}, 1e-3);
     }},
    {"rms_norm", [](Inputs x) { return rms_norm(x[0], -1, 1e-3); }},
    {"matmul", [](Inputs x) { return matmul(x[0], x[1]); }},
    {"matmul_vector", [](Inputs x) { return matmul(x[0], x[1]); }},
    {"matmul_batched", [](Inputs x) { return matmul(x[0], x[1]); }},
    {"matmul_vector_batched", [](Inputs x) { return matmul(x[0], x[1]); }},
    {"bilinear", [](Inputs x) { return bilinear(x[0], x[1], x[2]); }},
    {"outer", [](Inputs x) { return outer(x[0], x[1]); }},
    {"dot", [](Inputs x) { return dot(x[0], x[1]); }},
    {"slice_with_step", [](Inputs x) { return slice(x[0], 0, 1, 4, 2); }},
    {"flip", [](Inputs x) { return flip(x[0], 1); }},
    {"pad", [](Inputs x) { return pad(x[0], 1, 2, 1, 0.5); }},
    {"repeat", [](Inputs x) { return repeat(x[0], 2, 1); }},
    {"broadcast_to",
     [](Inputs x) {
         return broadcast_to(x[0], {2, 3, 4});
     }},
    {"gather",
     [](Inputs x) {
         return gather(x[0], xt::xarray<int>{{{0, 2}, {1, 1}}, {{2, 2}, {0, 1}}, {{0, 0}, {0, 0}}, {{1, 2}, {2, 0}}},
                       1);
     }},
    {"permute",
     [](Inputs x) {
         return permute(x[0], {2, 0, 1});
     }},
    {"stack", [](Inputs x) { return stack(x, 1); }},
    {"concat", [](Inputs x) { return concat(x, 1); }},
    {"chunk", [](Inputs x) { return chunk(x[0], 2, 0)[1]; }},
    {"cross_entropy_mean", smoothed<Over::mean>},
    {"cross_entropy_sum", smoothed<Over::sum>},
    {"cross_entropy_none", smoothed<Over::none>},
    {"nll_mean", likelihood<Over::mean>},
    {"nll_sum", likelihood<Over::sum>},
    {"nll_none", likelihood<Over::none>},
    {"ctc_mean", aligned<Over::mean>},
    {"ctc_sum", aligned<Over::sum>},
    {"ctc_none", aligned<Over::none>},
    {"mse", [](Inputs x) { return mse(x[0], x[1]); }},
    {"mae", [](Inputs x) { return mae(x[0], x[1]); }},
    {"huber", [](Inputs x) { return huber(x[0], x[1], 0.7); }},
    {"bce", [](Inputs x) { return bce(x[0], x[1]); }},
    {"bce_at_the_ends",
     [](Inputs x) {
         return bce(x[0], xt::xarray<double>{0, 1, 0, 1, 0.25}, Over::none);
     }},
    {"bce_with_logits", [](Inputs x) { return bce_with_logits(x[0], x[1]); }},
    {"bce_with_logits_far_away",
     [](Inputs x) {
         return bce_with_logits(x[0], xt::xarray<double>{1, 0, 0.5, 1, 0}, Over::none);
     }},
    {"kl_div", [](Inputs x) { return kl_div(x[0], x[1]); }},
    {"hinge", [](Inputs x) { return hinge(x[0], x[1]); }},
    {"poisson_nll", [](Inputs x) { return poisson_nll(x[0], x[1]); }},
    {"gaussian_nll", [](Inputs x) { return gaussian_nll(x[0], x[1], x[2]); }},
    {"cosine", [](Inputs x) { return cosine(x[0], x[1]); }},
    {"ctc_zero_infinity",
     [](Inputs x) {
         return ctc(log_softmax(x[0]), {{1, 1, 1}}, {Over::sum, 0, {}, true});
     }},
    {"solve", [](Inputs x) { return solve(x[0], x[1]); }},
    {"solve_vector", [](Inputs x) { return solve(x[0], x[1]); }},
    {"solve_with_pivots", [](Inputs x) { return solve(x[0], x[1]); }},
    {"inverse", [](Inputs x) { return inverse(x[0]); }},
    {"cholesky", [](Inputs x) { return cholesky(x[0]); }},
    {"logdet", [](Inputs x) { return logdet(x[0]); }},
    {"logdet_of_a_reflection", [](Inputs x) { return logdet(x[0]); }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(array_parity)

BOOST_AUTO_TEST_CASE_TEMPLATE(with_pytorch, T, Types) {
    constexpr double tolerance = std::same_as<T, float> ? 2e-6 : 1e-13;
    std::set<std::string> met;
    Json const cases = golden::file("array_ops");
    for (auto const& [name, c] : cases.items()) {
        if (name == "source") continue;
        BOOST_TEST_CONTEXT(name) {
            Tape tape(dtype_of<T>);
            std::vector<Var> xs;
            for (Json const& x : c["inputs"]) xs.push_back(tape.input(golden::array<T>(x)));
            Var const y       = calls.at(name)(xs);
            Gradients const g = backward(y, golden::array<T>(c["weights"]));
            BOOST_TEST(golden::near_in_norm(y.value<T>(), golden::array<double>(c["value"]), tolerance));
            for (std::size_t k = 0; k < xs.size(); ++k)
                BOOST_TEST(golden::near_in_norm(g[xs[k]].template value<T>(), golden::array<double>(c["gradients"][k]),
                                                tolerance));
        }
        met.insert(name);
    }
    BOOST_TEST(met.size() == calls.size());
}

BOOST_AUTO_TEST_SUITE_END()
