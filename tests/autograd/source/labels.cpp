// Random lines of a program, of one declaration or several, recorded as a compiler would: a value has the name of its variable or none,
// and never that of another.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <set>
#include <unistd.h>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

/// What one line may say of three variables, and what it records; a function's own nodes are of line 1.
struct Form {
    char const* text;
    bool certain;  // so that the result must have its name if it stands alone on its line
    Var (*record)(Var a, Var b, Param const& W, Where here, Where in_function);
};

std::vector<Form> const forms{
    {"{a} + {b}", true, [](Var a, Var b, Param const&, Where w, Where) { return Var(a + b, w); }},
    {"{a} * {b} - {a}", true, [](Var a, Var b, Param const&, Where w, Where) { return Var(a * b - a, w); }},
    {"tanh({a})", true, [](Var a, Var, Param const&, Where w, Where) { return Var(tanh(a), w); }},
    {"0.9 * {a} + 0.1 * tanh(linear({b}, W))", true,
     [](Var a, Var b, Param const& W, Where w, Where) { return Var(0.9 * a + 0.1 * tanh(linear(b, W, w)), w); }},
    {"linear({a}, W)", true, [](Var a, Var, Param const& W, Where w, Where) { return Var(linear(a, W, w), w); }},
    {"linear({a} * {b}, W)", true,
     [](Var a, Var b, Param const& W, Where w, Where) { return Var(linear(Var(a * b, w), W, w), w); }},
    {"linear(linear({a}, W), W)", false,
     [](Var a, Var, Param const& W, Where w, Where) { return Var(linear(Var(linear(a, W, w), w), W, w), w); }},
    {"stack({{a}, {a}})[0] * 2", true,
     [](Var a, Var, Param const&, Where w, Where) {
         return Var(stack({a, a}, 0, w)[At(0, w)] * 2, w);
     }},
    {"softmax({a} - {b}, -1)", true,
     [](Var a, Var b, Param const&, Where w, Where) { return softmax(Var(a - b, w), -1, w); }},
    {"cell({a}, {b})", false, [](Var a, Var b, Param const&, Where, Where in) { return Var(a * tanh(b), in); }},
    {"cell({a} - {b}, {b})", false,
     [](Var a, Var b, Param const&, Where w, Where in) { return Var(Var(a - b, w) * tanh(b), in); }},
    {"cell(softmax({a}, -1), exp({b}))", false,
     [](Var a, Var b, Param const&, Where w, Where in) {
         Var const e = Var(exp(b), w), s = softmax(a, -1, w);
         return Var(s * tanh(e), in);
     }},
    {"cell(linear({a}, W), {b})", false,
     [](Var a, Var b, Param const& W, Where w, Where in) { return Var(Var(linear(a, W, w), w) * tanh(b), in); }},
    {"cell(shifted({a}), {b})", false,
     [](Var a, Var b, Param const&, Where w, Where in) {
         Var const part = Var(tanh(a), w.inside()), shifted = Var(part + 1, w);
         return Var(shifted * tanh(b), in);
     }},
    {"chosen ? tanh({a}) : exp({b})", false, [](Var, Var b, Param const&, Where w, Where) { return Var(exp(b), w); }},
    {"tanh(cell(tanh({a}), {b}))", false,
     [](Var a, Var b, Param const&, Where w, Where in) { return Var(tanh(Var(Var(tanh(a), w) * tanh(b), in)), w); }},
    {"linear({a}, W) - linear({b}, W)", true,
     [](Var a, Var b, Param const& W, Where w, Where) { return Var(linear(a, W, w) - linear(b, W, w), w); }},
    {"tanh(K({a}))", true, [](Var a, Var, Param const& W, Where w, Where) { return Var(tanh(linear(a, W, w)), w); }},
    {"sigmoid(K({a})) * {b}", true,
     [](Var a, Var b, Param const& W, Where w, Where) { return Var(sigmoid(linear(a, W, w)) * b, w); }},
    {"tanh(cell(K({a}), {b}))", false,
     [](Var a, Var b, Param const& W, Where w, Where in) {
         return Var(tanh(Var(Var(linear(a, W, w), w) * tanh(b), in)), w);
     }},
    {"K({a})", true, [](Var a, Var, Param const& W, Where w, Where) { return Var(linear(a, W, w), w); }},
    {"K({a}) + {b}", true, [](Var a, Var b, Param const& W, Where w, Where) { return Var(linear(a, W, w) + b, w); }},
    {"cell(K({a}))", false,
     [](Var a, Var, Param const& W, Where w, Where in) { return Var(tanh(Var(linear(a, W, w), w)), in); }},
    {"{a}", false, [](Var a, Var, Param const&, Where, Where) { return a; }},
};

std::string filled_in(std::string text, std::string const& a, std::string const& b) {
    for (auto const& [what, name] : {std::pair<std::string, std::string>{"{a}", a}, {"{b}", b}})
        for (std::size_t at; (at = text.find(what)) != text.npos;) text.replace(at, what.size(), name);
    return text;
}

/// A file of random declarations, and what they recorded.
class RandomLines {
public:
    explicit RandomLines(std::uint64_t seed)
        : random_(seed)
        , path_((std::filesystem::temp_directory_path() / fmt::format("unspool-labels-{}-{}", ::getpid(), seed))
                    .string()) {
        for (char const* name : {"p", "q"}) {
            xt::xarray<double> start = xt::ones<double>({3}) * (0.1 * random_.uniform());
            known_.push_back({name, tape_.input(start, name)});
        }
        text_ = "Var cell(Var a, Var b) { Var inner = a * tanh(b); return inner; }\n";
        for (int k = 0; k < 12; ++k) add_line();
    }
    ~RandomLines() { std::filesystem::remove(path_); }

    void check() {
        std::ofstream(path_) << text_;
        for (NodeId id = 0; id < tape_.size(); ++id) {
            if (tape_[id].param || !tape_[id].rule) continue;
            std::string const name = given_name(tape_, tape_[id].value);
            bool const inner       = tape_[id].value.where.line == 1;
            auto const own         = owners_.find(id);
            std::set<std::string> right{"", inner ? "inner" : ""};
            if (own != owners_.end()) right.insert(own->second);
            BOOST_TEST(right.contains(name), "node " << id << " is called " << name << " in\n" << text_);
        }
        for (NodeId id : certain_)
            BOOST_TEST(given_name(tape_, tape_[id].value) == owners_[id], "%" << id << " of\n" << text_);
    }

private:
    struct Known {
        std::string name;
        Var value;
    };
    Known const& any() { return known_[random_.below(known_.size())]; }

    void add_line() {
        std::uint64_t const declarations = 1 + random_.below(3);
        bool const one_statement         = random_.below(2) == 0;
        bool const declared_before       = random_.below(3) == 0;
        std::string line;
        if (declared_before) {
            for (std::uint64_t k = 0; k < declarations; ++k)
                text_ += fmt::format("Var v{}; ", made_ + static_cast<int>(k));
            text_ += "\n", ++line_;
        }
        for (std::uint64_t k = 0; k < declarations; ++k) {
            if (k > 0) line += one_statement ? ", " : "; ";
            if (!declared_before && (k == 0 || !one_statement)) line += "Var ";
            line += declaration(declarations == 1);
        }
        text_ += line + ";\n", ++line_;
    }
    std::string declaration(bool alone) {
        Form const& f = forms[random_.below(forms.size())];
        Known const a = any(), b = any();
        std::string name    = fmt::format("v{}", made_++);
        NodeId const before = tape_.size();
        Var const v         = f.record(a.value, b.value, W_, {path_.c_str(), line_}, {path_.c_str(), 1});
        NodeId const id     = v.window().node;
        if (id >= before && tape_[id].value.where.line == line_) {
            owners_[id] = name;
            if (alone && f.certain) certain_.push_back(id);
        }
        known_.push_back({name, v});
        return fmt::format("{} = {}", name, filled_in(f.text, a.name, b.name));
    }

    Random random_;
    std::string path_, text_;
    Tape tape_{float64};
    Params params_{1, float64};
    Param& W_ = params_.uniform("K/weight", {3, 3}, -0.5, 0.5);
    std::vector<Known> known_;
    std::map<NodeId, std::string> owners_;  // the variable that a node is the value of
    std::vector<NodeId> certain_;
    unsigned line_ = 2;
    int made_      = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(labels_of_random_lines)

BOOST_AUTO_TEST_CASE(are_right_or_none) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) RandomLines(seed).check();
}

BOOST_AUTO_TEST_CASE(of_calls_of_layers_are_certain_where_the_layer_is_called_once) {
    Tape tape(float64);
    Params params(1, float64);
    auto const layer = [](Param const& W) {
        return [&W](Var x, Where w = Where::here()) { return Var(linear(x, W, w), w); };
    };
    auto const wi = layer(params.uniform("wi/weight", {3, 3}, -0.5, 0.5)),
               wf = layer(params.uniform("wf/weight", {3, 3}, -0.5, 0.5));
    Var const x   = tape.input(xt::ones<double>({2, 3}), "x");
    Var in = wi(x), forget = wf(x) + x;
    BOOST_TEST(label(in) == "in");
    BOOST_TEST(label(forget) == "forget");
    Var early, late;
    early = wf(x), late = wi(x);
    BOOST_TEST(label(early) == "early");
    BOOST_TEST(label(late) == "late");
    Var twice = wi(x), again = wi(x) * x;
    BOOST_TEST(label(twice) != "again");
    BOOST_TEST(label(again) == "again");
}

BOOST_AUTO_TEST_SUITE_END()
