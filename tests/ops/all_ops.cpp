// Every operation of AllOps is checked: its gradients against differences, and float32 against float64.  An elementwise
// operation is checked within its domain, in shapes that broadcast; any other by its examples.  Operands are arrays,
// numbers, parameters, and views of all kinds.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <unspool/autograd/gradcheck.hpp>
#include <unspool/autograd/gradients.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using Doubles = xt::xarray<double>;
using Inputs  = std::span<Var const>;

namespace {

/// Numbers in an interval, none of them near a kink, and no two alike.
Doubles numbers(Shape const& shape, Interval domain, std::optional<double> kink, std::uint64_t seed) {
    Random  random(seed);
    Doubles out = Doubles::from_shape({shape.begin(), shape.end()});
    for (double& x : out) do
            x = random.uniform(domain.low, domain.high);
        while (kink && std::abs(x - *kink) < 0.01);
    return out;
}
template <class Op> std::optional<double> kink_of() {
    if constexpr (requires { Op::kink; }) return Op::kink;
    else return std::nullopt;
}
template <class Op> Doubles inside(Shape const& shape, std::uint64_t seed) { return numbers(shape, Op::domain, kink_of<Op>(), seed); }
Doubles                     ordinary(Shape const& shape, std::uint64_t seed) { return numbers(shape, {-2, 2}, {}, seed); }

template <class... Op, class F> void each(List<Op...>, F f) { (..., f.template operator()<Op>()); }

// ---- an operand as a view of a larger array ----

struct Viewed {
    char const* name;
    Shape (*larger)(Shape const&);  // the whole, for a part of this shape
    Var (*part)(Var whole, std::size_t rank);
};

Shape reversed(Shape const& s) {
    Shape out = s;
    std::reverse(out.begin(), out.end());
    return out;
}
Shape sequence_of(Shape s, Index n) {
    s.insert(0, n);
    return s;
}
Shape longer(Shape s, std::size_t axis, Index times, Index more) {
    s[axis] = s[axis] * times + more;
    return s;
}

Viewed const views[] = {
    {"whole", [](Shape const& s) { return s; }, [](Var x, std::size_t) { return x; }},
    {"element of a sequence", [](Shape const& s) { return sequence_of(s, 3); }, [](Var x, std::size_t) { return x[1]; }},
    {"transpose", reversed, [](Var x, std::size_t) { return transpose(x); }},
    {"last of three pieces", [](Shape const& s) { return s.empty() ? Shape{3} : longer(s, s.rank() - 1, 3, 0); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[2] : piece(x, 2, 3); }},
    {"odd slice", [](Shape const& s) { return s.empty() ? Shape{4} : longer(s, 0, 1, 3); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[-1] : slice(x, 0, 1, -2); }},
    {"flipped", [](Shape const& s) { return s.empty() ? Shape{2} : s; },
     [](Var x, std::size_t rank) { return rank == 0 ? x[1] : flip(x, -1); }},
    {"every second", [](Shape const& s) { return s.empty() ? Shape{2} : longer(s, 0, 2, 1); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[1] : slice(x, 0, 1, x.size(0), 2); }},
    {"slice of a transposed element", [](Shape const& s) { return sequence_of(s.empty() ? s : reversed(longer(s, 0, 1, 4)), 2); },
     [](Var x, std::size_t rank) { return rank == 0 ? x[1] : slice(transpose(x[1]), 0, 3, -1); }},
};
constexpr std::size_t ways = std::size(views);

/// A function of operands; operand k is seen through views[way[k]].
struct Case {
    std::string                       what;
    std::vector<Doubles>              inputs;
    std::function<Var(Tape&, Inputs)> f;
};

template <class Value>
Case viewed(std::string const& what, std::vector<Shape> const& shapes, std::vector<std::size_t> const& way, Value value, auto f) {
    Case out;
    for (std::size_t k = 0; k < shapes.size(); ++k) out.inputs.push_back(value(views[way[k]].larger(shapes[k]), 31 * k + 7));
    for (std::size_t w : way) out.what += fmt::format("{}{}", out.what.empty() ? what + ": " : ", ", views[w].name);
    out.f = [=](Tape& tape, Inputs x) {
        std::vector<Var> operands;
        for (std::size_t k = 0; k < x.size(); ++k) operands.push_back(views[way[k]].part(x[k], shapes[k].rank()));
        return f(tape, Inputs(operands));
    };
    return out;
}

// ---- the checks ----

void check_gradients(Case const& c) {
    std::vector<GradInput> const inputs(c.inputs.begin(), c.inputs.end());
    GradReport const             r = gradcheck(c.f, inputs);
    BOOST_TEST(r, c.what << "\n" << r);
    BOOST_TEST(r.worst_error() < 1e-6, c.what << "\n" << r);
}

/// The result, and the gradients of a weighted sum of it.
template <Real T> std::vector<Doubles> computed(Case const& c) {
    Tape             tape(dtype_of<T>);
    std::vector<Var> xs;
    for (Doubles const& x : c.inputs) xs.push_back(tape.input(x));
    Var const            y = c.f(tape, xs);
    std::vector<Doubles> out{Doubles(y.value<T>())};
    Gradients const      g = backward(y, ordinary(y.shape(), 5));
    for (Var const& x : xs) out.push_back(Doubles(g[x].value<T>()));
    return out;
}
bool close(double a, double b) { return std::abs(a - b) <= 3e-5 * std::max(1.0, std::abs(b)); }

void check_float(Case c) {
    for (Doubles& x : c.inputs) x = xt::cast<double>(xt::xarray<float>(xt::cast<float>(x)));
    auto const narrow = computed<float>(c), wide = computed<double>(c);
    for (std::size_t i = 0; i < wide.size(); ++i)
        BOOST_TEST(std::equal(narrow[i].begin(), narrow[i].end(), wide[i].begin(), wide[i].end(), close), c.what << ", array " << i);
}

void check(Case const& c) { check_gradients(c), check_float(c); }

/// With operands that are parameters, in float32 as a model has them.
void check_parameters(std::string const& what, std::vector<Shape> const& shapes, std::function<Var(Tape&, Inputs)> const& f) {
    Params              params(4);
    std::vector<Param*> all;
    for (Shape const& s : shapes) all.push_back(&params.uniform(fmt::format("p{}", all.size()), s, -2, 2));
    auto const lifted = [&](Tape& tape, Inputs) {
        std::vector<Var> xs;
        for (Param* p : all) xs.push_back(tape.lift(*p));
        return f(tape, xs);
    };
    GradReport const r = gradcheck(lifted, {}, params);
    BOOST_TEST(r, what << "\n" << r);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(all_ops)

BOOST_AUTO_TEST_CASE(elementwise_of_one_argument) {
    each(UnaryOps{}, []<class Op>() {
        auto const f = [](Tape&, Inputs x) -> Var { return apply<Op>(x[0]); };
        for (Shape const& s : std::vector<Shape>{{}, {1}, {0}, {7}, {64}, {133}, {3, 5}, {2, 0, 3}, {2, 1, 3, 1, 2}})
            check(viewed(fmt::format("{} {}", Op::name, text(s)), {s}, {0}, inside<Op>, f));
        for (std::size_t way = 1; way < ways; ++way)
            for (Shape const& s : std::vector<Shape>{{}, {3}, {3, 17}, {2, 3, 4}})
                check(viewed(fmt::format("{} {}", Op::name, text(s)), {s}, {way}, inside<Op>, f));
    });
}

BOOST_AUTO_TEST_CASE(elementwise_of_two_arguments) {
    std::vector<std::vector<Shape>> const shapes{
        {{3, 5}, {3, 5}}, {{3, 17}, {17}}, {{3, 5}, {3, 1}}, {{3, 5}, {}},        {{3, 1}, {1, 5}},
        {{0}, {1}},       {{133}, {133}},  {{1}, {}},        {{2, 3, 4}, {3, 1}}, {{2, 1, 3, 1, 2}, {4, 1, 5, 1}}};
    each(BinaryOps{}, [&]<class Op>() {
        auto const ab = [](Tape&, Inputs x) -> Var { return apply<Op>(x[0], x[1]); };
        auto const ba = [](Tape&, Inputs x) -> Var { return apply<Op>(x[1], x[0]); };
        for (auto const& s : shapes) {
            std::string const what = fmt::format("{} {} {}", Op::name, text(s[0]), text(s[1]));
            check(viewed(what, s, {0, 0}, inside<Op>, ab));
            check(viewed(what + " exchanged", s, {0, 0}, inside<Op>, ba));
        }
        for (std::size_t way = 0; way < ways * ways; ++way) {
            check(viewed(Op::name, {{3, 4}, {3, 4}}, {way / ways, way % ways}, inside<Op>, ab));
            check(viewed(Op::name, {{2, 3, 4}, {3, 1}}, {way / ways, way % ways}, inside<Op>, ba));
        }
    });
}

BOOST_AUTO_TEST_CASE(kinds_of_operands_and_leaves_used_twice) {
    each(BinaryOps{}, []<class Op>() {
        Params  params(4, float64);
        Param&  p     = params.uniform("p", {4, 1}, Op::domain.low, Op::domain.high);
        Doubles array = inside<Op>({4, 4}, 11);
        double  third = Op::domain.low / 3 + 2 * Op::domain.high / 3;

        std::pair<char const*, std::function<Var(Var)>> const kinds[] = {
            {"number right", [&](Var x) -> Var { return apply<Op>(x, third); }},
            {"number left", [&](Var x) -> Var { return apply<Op>(third, x); }},
            {"integer", [&](Var x) -> Var { return apply<Op>(x, 2); }},
            {"parameter right", [&](Var x) -> Var { return apply<Op>(x, p); }},
            {"parameter left", [&](Var x) -> Var { return apply<Op>(p, x); }},
            {"array right", [&](Var x) -> Var { return apply<Op>(x, array); }},
            {"array left", [&](Var x) -> Var { return apply<Op>(array, x); }},
            {"itself", [&](Var x) -> Var { return apply<Op>(x, x); }},
            {"itself twice", [&](Var x) -> Var { return apply<Op>(apply<Op>(x, x), x); }},
            {"its transpose", [&](Var x) -> Var { return apply<Op>(x, transpose(x)); }},
            {"its column", [&](Var x) -> Var { return apply<Op>(x, slice(x, 1, 2, 3)); }},
            {"its row", [&](Var x) -> Var { return apply<Op>(x[1], x); }}};
        for (auto const& [kind, f] : kinds) {
            GradReport const r = gradcheck([&, g = f](Tape&, Inputs x) { return g(x[0]); }, {inside<Op>({4, 4}, 3)}, params);
            BOOST_TEST(r, Op::name << ", " << kind << "\n" << r);
        }
    });
}

BOOST_AUTO_TEST_CASE(elementwise_at_their_kinks) {
    int kinks = 0;
    each(UnaryOps{}, [&]<class Op>() {
        if constexpr (requires { Op::kink; }) {
            auto const r =
                gradcheck([](Tape&, Inputs x) -> Var { return apply<Op>(x[0]); }, {Doubles{Op::kink, Op::domain.low, Op::domain.high}});
            BOOST_TEST(r, Op::name << "\n" << r);
            BOOST_TEST(r.kinks() == 1);
            ++kinks;
        }
    });
    BOOST_TEST(kinks >= 1);
}

template <class Ops> void check_examples() {
    each(Ops{}, []<class Op>() {
        BOOST_TEST(!Op::examples().empty(), Op::name);
        for (Example const& e : Op::examples()) {
            std::string const what = fmt::format("{}, {}", Op::name, e.what);
            check_parameters(what, e.shapes, e.call);
            for (std::size_t way = 0; way < ways; ++way) {
                std::vector<std::size_t> alike(e.shapes.size(), way), differing(e.shapes.size());
                for (std::size_t k = 0; k < differing.size(); ++k) differing[k] = (way + k) % ways;
                check(viewed(what, e.shapes, alike, ordinary, e.call));
                if (e.shapes.size() > 1) check(viewed(what, e.shapes, differing, ordinary, e.call));
            }
        }
    });
}
BOOST_AUTO_TEST_CASE(reductions) { check_examples<ReduceOps>(); }
BOOST_AUTO_TEST_CASE(operations_on_lists) { check_examples<ListOps>(); }
BOOST_AUTO_TEST_CASE(linear_algebra) { check_examples<LinearOps>(); }
BOOST_AUTO_TEST_CASE(layout) { check_examples<LayoutOps>(); }
BOOST_AUTO_TEST_CASE(noise) { check_examples<NoiseOps>(); }
BOOST_AUTO_TEST_CASE(losses) { check_examples<LossOps>(); }

BOOST_AUTO_TEST_CASE(no_operation_is_missing_from_the_list) {
    std::size_t      declared = 0;
    std::regex const name(R"(\n +static constexpr auto\s+name\s*=)");
    for (auto const& file : std::filesystem::directory_iterator(UNSPOOL_TESTS_DIR "/../ops")) {
        std::ifstream     in(file.path());
        std::string const source(std::istreambuf_iterator<char>(in), {});
        if (file.path().extension() == ".hpp")
            declared += static_cast<std::size_t>(std::distance(std::sregex_iterator(source.begin(), source.end(), name), {}));
    }
    std::size_t listed = 0;
    each_section([&]<class... Op>(Section<List<Op...>>) { listed += sizeof...(Op); });
    BOOST_TEST(declared == listed);
}

BOOST_AUTO_TEST_SUITE_END()
