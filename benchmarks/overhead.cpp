// What a statement costs when its arrays are so small that arithmetic does not count.
#include "overhead.hpp"

#include <memory>
#include <unspool.hpp>

namespace bench {

namespace {

using namespace unspool;
using namespace unspool::core;

struct Affine {
    Var operator()(Var a, Var x, Var b) const { return a * x + b; }
};
struct TanhAffine {
    Var operator()(Var a, Var x, Var b) const { return tanh(a * x + b); }
};

template <class Statement> class OurChain {
public:
    void forward() {
        tape_.rewind();
        a_          = input(Chain::a);
        x_          = input(Chain::x);
        Var const b = input(Chain::b);
        for (int i = 0; i < Chain::length; ++i) x_ = Statement()(a_, x_, b);
    }
    void backward() { da_ = unspool::core::backward(x_, xt::ones<float>({Chain::elements}))[a_]; }
    std::vector<float> result() const { return elements(x_.value<float>()); }
    std::vector<float> gradient() const { return elements(da_); }

private:
    static std::vector<float> elements(auto const& array) { return {array.begin(), array.end()}; }
    Var input(float value) { return tape_.input(value * xt::ones<float>({Chain::elements})); }

    Tape tape_;
    Var a_, x_;
    xt::xarray<float> da_;
};

template <class Statement> Ready ready(bool backward) {
    auto const chain = std::make_shared<OurChain<Statement>>();
    if (!backward) return {[=] { chain->forward(); }, [=] { return chain->result(); }};
    chain->forward();
    return {[=] { chain->backward(); }, [=] { return chain->gradient(); }};
}

}  // namespace

std::vector<Contest> overhead_contests(ChainPeers const& peers) {
    std::vector<Contest> out;
    for (bool has_tanh : {false, true})
        for (bool backward : {false, true}) {
            auto const ours = [=] { return has_tanh ? ready<TanhAffine>(backward) : ready<Affine>(backward); };
            auto const name = std::string(has_tanh ? "x = tanh(a * x + b)" : "x = a * x + b") +
                              (backward ? ", backward" : ", forward");
            out.push_back({name, std::to_string(Chain::elements) + " elements", 1,
                           unspool_and(peers({has_tanh, backward}), ours),
                           nanoseconds_per("statement", Chain::length)});
        }
    return out;
}

}  // namespace bench
