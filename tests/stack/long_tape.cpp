// A million recorded statements, and views, scopes, names and lists by the hundred thousand, need no more stack than a few: every walk
// is a loop, and what is said of them is short.
#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/bad_value.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr int many = 100'000;

bool failed = false;

void check(bool right, std::string const& what) {
    if (!right) std::cout << what << "\n";
    failed |= !right;
}

void check_short(std::string const& text, std::string const& what) {
    check(!text.empty() && text.size() < 2100,
          what + ": " + std::to_string(text.size()) + " bytes: " + text.substr(0, 300));
}

template <class F> std::string message(F&& f) {
    try {
        f();
    } catch (Error const& e) { return e.what(); }
    return "";
}

void a_million_statements() {
    auto tape   = std::make_unique<Tape>(float64);
    Var const x = tape->input(1.0);
    Var h       = x;
    for (int i = 0; i < 1'000'000; ++i) h = h * 0.999999 + x * 1e-6;  // dh/dx stays 1
    double const value = h.item(), slope = backward(h)[x].item();
    check(std::abs(value - 1) < 1e-9 && std::abs(slope - 1) < 1e-9 && tape->size() == 1'000'001,
          "a million statements");
}

/// Or why there is none.
std::string picture(Graph const& g) {
    try {
        return g.dot();
    } catch (ValueError const& e) { return e.what(); }
}

/// All that is said of a value at the end of a long row of views.
void tell(std::string const& what, Var v, Var const& x) {
    check_short(label(v), what + ", its name");
    Var const other = x.tape().input(xt::xarray<double>(xt::ones<double>({7, 7})));
    if (!v.shape().empty()) check_short(message([&] { Var z(v + other); }), what + ", an error of shapes");
    check_short(message([&] {
                    matmul(v, v);
                    matmul(v, transpose(v)[0]);
                    v.item();
                }),
                what + ", an error of an operation");
    Var const loss    = sum(v * 2 + v * v);
    Gradients const g = backward(loss, Keep::all);
    check(g.reached(x), what + ", its gradient");
    check(picture(Graph(loss).rolled().colour(g)).size() < 20'000, what + ", its picture");
    check(!first_bad_value(x.tape()), what + ", its values");
    check_short(text(*bad_value(x.tape(), loss.window().node, 0)), what + ", a bad value");
    x.tape().check_values(0);
    check_short(message([&] { Var z(v * 3 + 1); }), what + ", a refused value");
    x.tape().do_not_check_values();
}

void row_of_views(std::string const& what, Shape const& shape, std::function<Var(Var, int)> const& next) {
    Tape tape(float64);
    Var const x =
        tape.input(xt::xarray<double>(xt::ones<double>(std::vector<std::size_t>(shape.begin(), shape.end()))), "x");
    Var v = x;
    for (int i = 0; i < many; ++i) v = next(v, i);
    tell(what, v, x);
}

void rows_of_views() {
    Index const n = many + 3;
    row_of_views("slices", {n, 2}, [](Var v, int) { return slice(v, 0, 1, v.size(0)); });
    row_of_views("steps", {n, 2},
                 [](Var v, int) { return v.size(0) > 8 ? slice(v, 0, 0, v.size(0), 2) : slice(v, 0, 0, v.size(0)); });
    row_of_views("flips", {3, 2}, [](Var v, int) { return flip(v, 0); });
    row_of_views("flips of two axes", {3, 2}, [](Var v, int i) { return flip(v, i % 2); });
    row_of_views("transposes", {3, 2}, [](Var v, int) { return transpose(v); });
    row_of_views("reshapes", {3, 2}, [](Var v, int i) { return reshape(v, i % 2 == 0 ? Shape{6, 1} : Shape{3, 2}); });
    row_of_views("slices and flips", {n, 2},
                 [](Var v, int i) { return i % 2 == 0 ? slice(v, 0, 1, v.size(0)) : flip(v, 0); });
    row_of_views("slices, flips and transposes", {n, 2}, [](Var v, int i) {
        Index const longer = v.size(0) > v.size(1) ? 0 : 1;
        return i % 3 == 0 ? slice(v, longer, 1, v.size(longer)) : i % 3 == 1 ? flip(v, longer) : transpose(v);
    });
    row_of_views("indices and new axes", {3, 2}, [](Var v, int i) { return i % 2 == 0 ? unsqueeze(v, 0) : v[0]; });
    row_of_views("names", {3, 2}, [](Var v, int) { return v.named("v"); });
    row_of_views("named flips", {3, 2}, [](Var v, int) { return flip(v, 0).named("v"); });
}

void detached_values() {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>(xt::ones<double>({3, 2})), "x");
    Var v       = x;
    for (int i = 0; i < many; ++i) v = (i % 2 == 0 ? flip(v, 0) : transpose(v)).detach();
    check(!v.requires_grad(), "a detached value has a gradient");
    tell("detached views", v + x, x);
}

void scopes_within_scopes() {
    Tape tape(float64);
    Var const x = tape.input(1.0, "x");
    std::vector<std::unique_ptr<Scope>> open;
    for (int i = 0; i < many; ++i)
        open.push_back(i % 4 == 3 ? std::make_unique<Scope>(tape, Index{i % 7})
                                  : std::make_unique<Scope>(tape, "module"));
    Var const h = tanh(x * 2), y = h * h + x;
    tell("scopes", y, x);
    check(picture(Graph(y).level(Graph::modules)).size() < 20'000, "modules within modules");
    check(picture(Graph(y).depth(3).expand("module.module").mark({y.window().node})).size() < 20'000,
          "modules to a depth");
    while (!open.empty()) open.pop_back();
    check_short(text(site_of(tape, y.window().node)), "the place of a node");
}

/// Layers that only pass on, laid side by side again and again.
void stacks_of_what_was_stacked() {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>(xt::ones<double>({3, 2})), "x");
    Var v = x, w = x;
    for (int i = 0; i < many; ++i) v = stack({v[0], v[1], v[2]});
    for (int i = 0; i < many; ++i) w = concat({w}, 1);
    tell("stacks", v[1] * 2, x);
    tell("concatenations", stack({w, w})[1] * 2, x);
}

void all_of_what_was_stacked() {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>(xt::ones<double>({3, 2})), "x");
    std::vector<Var> all{x * 2};
    for (int i = 0; i < 2000; ++i) all.push_back(stack({all.back()[0], all.back()[1], all.back()[2]}));
    all.emplace_back(all.back()[0] * 2);
    check(Graph(all).limit(many).dot().size() < 4'000'000, "a picture of stacks of what was stacked");
}

void a_wide_operation() {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>{1, 2}, "x");
    std::vector<Var> all;
    for (int i = 0; i < many; ++i) all.push_back(i % 2 == 0 ? x : x[Index{0}]);
    check_short(message([&] { stack(all); }), "an error of many operands");
    all.assign(many, x);
    tell("many operands", stack(all), x);
}

}  // namespace

int main() {
    a_million_statements();
    rows_of_views();
    detached_values();
    scopes_within_scopes();
    stacks_of_what_was_stacked();
    all_of_what_was_stacked();
    a_wide_operation();
    return failed ? 1 : 0;
}
