// Statements whose last axes are short, against the same of arrays that are alike; and operations on short lists, slices and
// transposes, against the same of 16 lists of 256 numbers.
#include "short_axes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <unspool.hpp>

namespace bench {

namespace {

using namespace unspool;
using Dimensions = std::vector<std::size_t>;

struct Shapes {
    Dimensions x, y;
    std::size_t count() const {
        std::size_t n = 1;
        for (std::size_t d : x) n *= d;
        return n;
    }
    std::string text() const { return fmt::format("[{}]·[{}]", fmt::join(x, ","), fmt::join(y, ",")); }
};

xt::xarray<float> noise(Dimensions const& shape, std::uint64_t seed) {
    auto out = xt::xarray<float>::from_shape(shape);
    Random random(seed);
    for (float& x : out) x = static_cast<float>(random.normal());
    return out;
}

/// x * y, or the gradient of it by x and y; y is written out to the shape of x if they are to be alike.
class Product {
public:
    Product(Shapes const& s, bool alike, bool backward) : backward_(backward) {
        auto const y = noise(s.y, 2);
        x_           = tape_.input(noise(s.x, 1));
        y_           = alike ? tape_.input(xt::xarray<float>(xt::broadcast(y, s.x))) : tape_.input(y);
        seed_        = noise(s.x, 3);
        begin_       = tape_.mark();
        if (backward) z_ = x_ * y_;
    }
    void run() {
        if (backward_) dx_ = core::backward(z_, seed_)[x_];
        else tape_.rewind(begin_), z_ = x_ * y_;
    }
    std::vector<float> result() const {
        auto const out = backward_ ? dx_ : xt::xarray<float>(z_.value<float>());
        return {out.begin(), out.end()};
    }

private:
    bool backward_;
    Tape tape_;
    Var x_, y_, z_;
    xt::xarray<float> seed_, dx_;
    Tape::Mark begin_ = tape_.mark();
};

Ready ready(Shapes const& s, bool alike, bool backward) {
    auto const p = std::make_shared<Product>(s, alike, backward);
    p->run();
    return {[=] { p->run(); }, [=] { return p->result(); }};
}

/// Up to five axes with about 4,096 elements, of which the last two are 1 to 64 long; the second array repeats along some.
Shapes random_shapes(Random& random) {
    Dimensions x{1 + random.below(64), 1 + random.below(64)};
    for (std::uint64_t more = random.below(4); more > 0; --more) x.insert(x.begin(), 1 + random.below(8));
    Shapes s{x, x};
    for (std::size_t& d : s.y) d = random.below(2) ? 1 : d;
    s.x[0] = std::max(std::size_t{1}, s.x[0] * 4096 / s.count());
    s.y[0] = s.y[0] == 1 ? 1 : s.x[0];
    return s;
}

struct OfOne {
    char const* name;
    Var (*f)(Var);
};
constexpr OfOne operations_of_one[] = {
    {"softmax", [](Var x) { return softmax(x); }},
    {"log_softmax", [](Var x) { return log_softmax(x); }},
    {"logsumexp", [](Var x) { return logsumexp(x, -1); }},
    {"sum", [](Var x) { return Var(sum(x, -1)); }},
    {"max", [](Var x) { return max(x, -1); }},
    {"var", [](Var x) { return var(x, -1); }},
    {"norm2", [](Var x) { return norm2(x, -1); }},
    {"layer_norm", [](Var x) { return layer_norm(x); }},
    {"rms_norm", [](Var x) { return rms_norm(x); }},
    {"cumsum", [](Var x) { return cumsum(x, -1); }},
    {"cumprod", [](Var x) { return cumprod(x, -1); }},
    {"2 * slice", [](Var x) -> Var { return 2 * slice(x, -1, 0, std::max(Index{1}, x.size(-1) - 1)); }},
    {"2 * transpose", [](Var x) -> Var { return 2 * transpose(x); }}};

/// What is computed of one array, or its gradient.  Of arrays of another shape it is something else: there is nothing to compare.
Ready ready(OfOne const& op, Dimensions const& shape, bool backward) {
    struct Running {
        Tape tape;
        Var x, y;
        Tape::Mark begin = tape.mark();
        xt::xarray<float> seed;
    };
    auto const r = std::make_shared<Running>();
    r->x = r->tape.input(noise(shape, 1)), r->begin = r->tape.mark(), r->y = op.f(r->x);
    r->seed = noise({r->y.shape().begin(), r->y.shape().end()}, 2);
    return {[=] {
                if (backward) core::backward(r->y, r->seed);
                else r->tape.rewind(r->begin), r->y = op.f(r->x);
            },
            [] { return std::vector<float>(); }};
}

}  // namespace

std::vector<Contest> short_list_contests() {
    std::vector<Dimensions> shapes{{1024, 4}, {2048, 2}, {256, 16}, {4096, 1}, {64, 64}, {16, 64, 4}, {8, 8, 8, 8}};
    std::vector<Contest> out;
    for (OfOne const& op : operations_of_one)
        for (Dimensions const& shape : shapes)  // of 4096 numbers each, as the peer's
            for (bool backward : {false, true})
                out.push_back({fmt::format("{}, {}", op.name, backward ? "backward" : "forward"),
                               fmt::format("[{}]", fmt::join(shape, ",")), 1,
                               unspool_and({{"[16,256]",
                                             [=] {
                                                 return ready(op, {16, 256}, backward);
                                             }}},
                                           [=] { return ready(op, shape, backward); }),
                               nanoseconds_per("element", 4096)});
    return out;
}

std::vector<Contest> short_axis_contests() {
    std::vector<Shapes> all{{{16, 64, 4}, {16, 64, 1}},
                            {{1024, 4}, {4}},
                            {{2048, 2}, {2}},
                            {{256, 15}, {256, 1}},
                            {{256, 16}, {256, 1}},
                            {{64, 64}, {64, 1}},
                            {{1024, 2, 2}, {1024, 1, 2}},
                            {{16, 3, 5, 7}, {16, 1, 5, 1}}};
    Random random(14);
    for (int k = 0; k < 12; ++k) all.push_back(random_shapes(random));
    std::vector<Contest> out;
    for (Shapes const& s : all)
        for (bool backward : {false, true}) {
            std::vector<Contender> const alike{{"equal shapes", [=] { return ready(s, true, backward); }}};
            out.push_back({backward ? "x * y, backward" : "x * y, forward", s.text(), 1,
                           unspool_and(alike, [=] { return ready(s, false, backward); }),
                           nanoseconds_per("element", static_cast<double>(s.count()))});
        }
    return out;
}

}  // namespace bench
