// What a tape records, forgets, and refuses.
#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

xt::xarray<float> const a{1, 2, 3}, b{10, 20, 40};

std::string scope_of(Tape const& tape, Var const& x) {
    std::string out;
    for (ScopeRecord const* s = tape[x.window().node].scope; s; s = s->parent)
        out = (s->step < 0 ? std::string(s->name) : std::to_string(s->step)) + (out.empty() ? "" : "/") + out;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tape)

BOOST_AUTO_TEST_CASE(one_statement_is_one_node) {
    Tape tape;
    Var const x = tape.input(a), y = tape.constant(b);
    BOOST_TEST(tape.size() == 2u);
    Var const z = (x + 1) * y - x / 2 + tanh(x * y);
    BOOST_TEST(tape.size() == 3u);
    Node const& node = tape[2];
    BOOST_TEST((node.requires_grad && node.operands.size() == 5 && node.rule->name() == "statement"));
    BOOST_TEST((tape[0].requires_grad && !tape[1].requires_grad && !tape[0].rule));
    BOOST_TEST((z.shape() == Shape{3} && z.dtype() == float32 && z.size(-1) == 3));
    BOOST_TEST(tape.nodes().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_term_records_nothing_until_it_is_assigned) {
    Tape tape;
    Var const x  = tape.input(2.0);
    auto const e = x * x;
    BOOST_TEST(tape.size() == 1u);
    Var const y = e, z = e + 1;
    BOOST_TEST(tape.size() == 3u);
    BOOST_TEST((y.item() == 4 && z.item() == 5));
}

BOOST_AUTO_TEST_CASE(views_are_no_nodes) {
    Tape tape;
    Var const x     = tape.input(xt::xarray<float>{{1, 2}, {3, 4}});
    auto const size = tape.size();
    Var const row = x[-1], column = transpose(x)[0], same = reshape(x, {4}).named("flat"), constant = x.detach();
    BOOST_TEST(tape.size() == size);
    BOOST_TEST((row.value<float>() == xt::xarray<float>{3, 4}));
    BOOST_TEST((column.value<float>() == xt::xarray<float>{1, 3}));
    BOOST_TEST((same.shape() == Shape{4} && constant.value<float>() == x.value<float>()));
    BOOST_CHECK_THROW(x[2], IndexError);
    BOOST_CHECK_THROW(x[-3], IndexError);
    BOOST_CHECK_THROW(x[0][0][0], IndexError);
}

BOOST_AUTO_TEST_CASE(element_types) {
    Tape single, twofold(float64);
    Var const x = single.input(xt::xarray<int>{1, 2, 3}), y = twofold.input(a), s = twofold.input(7);
    BOOST_TEST((x.value<float>() == a));
    BOOST_TEST((y.value<double>() == xt::xarray<double>{1, 2, 3} && s.item() == 7));
    BOOST_CHECK_THROW(x.value<double>(), TypeError);
    BOOST_CHECK_THROW(y.value<float>(), TypeError);
    BOOST_CHECK_THROW(x.item(), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_rewound_tape_begins_anew) {
    Tape tape;
    Var const old = tape.input(a, "x"), copy = old.named("y"), view = old[0], constant = old.detach();
    tape.rewind();
    BOOST_TEST(tape.size() == 0u);
    for (Var const& x : {old, copy, view, constant}) BOOST_CHECK_THROW(x.shape(), TapeError);
    Var const now = tape.input(b);
    for (Var const& x : {old, copy, view, constant}) BOOST_CHECK_THROW(x.value<float>(), TapeError);
    BOOST_CHECK_THROW(Var(now + old), TapeError);
    BOOST_CHECK_THROW(backward(old, a), TapeError);
    BOOST_TEST(tape.size() == 1u);
}

BOOST_AUTO_TEST_CASE(marks) {
    Tape tape;
    Var const x = tape.input(a), y = x * 2;
    auto const mark = tape.mark();
    Var const z = y * 3, view = x[1], named = y.named("later"), constant = y.detach();
    tape.rewind(mark);
    BOOST_TEST(tape.size() == 2u);
    Var const w = y * 5;  // where z was
    for (Var const& gone : {z, view, named, constant}) BOOST_CHECK_THROW(gone.shape(), TapeError);
    BOOST_TEST((w.value<float>() == xt::xarray<float>{10, 20, 30}));
    BOOST_TEST((y.value<float>() == xt::xarray<float>{2, 4, 6}));
    BOOST_TEST((backward(sum(w))[x].value<float>() == xt::xarray<float>{10, 10, 10}));
}

BOOST_AUTO_TEST_CASE(marks_within_marks) {
    Tape tape;
    Var const x      = tape.input(2.0);
    auto const outer = tape.mark();
    Var const y      = x * x;
    auto const inner = tape.mark();
    Var const z      = y * x;
    tape.rewind(inner);
    Var const u = y + x;
    tape.rewind(inner);
    BOOST_CHECK_THROW(u.item(), TapeError);
    BOOST_TEST((y.item() == 4 && x.item() == 2));
    tape.rewind(outer);
    Var const v = x * 7;
    for (Var const& gone : {y, z, u}) BOOST_CHECK_THROW(gone.item(), TapeError);
    BOOST_TEST((x.item() == 2 && v.item() == 14));
    BOOST_CHECK_THROW(tape.rewind(inner), TapeError);  // the tape is not that long any more, or is another
    tape.rewind(outer);
    tape.rewind();
    BOOST_CHECK_THROW(tape.rewind(outer), TapeError);
}

BOOST_AUTO_TEST_CASE(empty_and_foreign_vars) {
    Tape tape, other;
    Var none, x = tape.input(a), y = other.input(a);
    BOOST_TEST(none.empty());
    BOOST_CHECK_THROW(none.shape(), TapeError);
    BOOST_CHECK_THROW(Var(none + 1), TapeError);
    BOOST_CHECK_THROW(Var(x * none), TapeError);
    BOOST_CHECK_THROW(Var(x + y), TapeError);
    BOOST_CHECK_THROW(Var(x + a * none), TapeError);
    BOOST_CHECK_THROW(matmul(x, y), TapeError);
    BOOST_CHECK_THROW(backward(none), TapeError);
    BOOST_CHECK_THROW(backward(sum(x))[y], TapeError);
    BOOST_TEST((tape.size() == 2u && other.size() == 1u));  // with sum(x)
}

BOOST_AUTO_TEST_CASE(paused) {
    Tape tape;
    Params params;
    Param& w    = params.constant("w", {3}, 4);
    Var const x = tape.input(a), p = tape.lift(w);
    auto const size = tape.size();
    Var y, z, c;
    {
        Pause const pause(tape);
        BOOST_TEST(!tape.recording());
        {
            Pause const inner(tape);
            y = x * w + 1;
        }
        BOOST_TEST(!tape.recording());
        z = sum(y * b);
        c = tape.constant(b, "c");
    }
    BOOST_TEST((tape.recording() && tape.size() == size));
    BOOST_TEST(
        (y.value<float>() == xt::xarray<float>{5, 9, 13} && z.item() == 50 + 180 + 520 && c.value<float>() == b));
    BOOST_TEST((!y.requires_grad() && !z.requires_grad()));
    BOOST_CHECK_THROW(backward(z), TapeError);
    Var const loss = sum(y * x + c);  // what was computed then is a constant now
    BOOST_TEST((backward(loss)[x].value<float>() == xt::xarray<float>{5, 9, 13}));
    BOOST_TEST((backward(loss)[p].value<float>() == xt::xarray<float>{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(detached) {
    Tape tape;
    Var const x = tape.input(a), y = x * 2, loss = sum(y.detach() * x);
    BOOST_TEST((!y.detach().requires_grad() && y.requires_grad()));
    BOOST_TEST((backward(loss)[x].value<float>() == xt::xarray<float>{2, 4, 6}));
}

BOOST_AUTO_TEST_CASE(scopes) {
    Tape tape;
    Var const x = tape.input(a);
    {
        Scope const encoder(tape, "encoder");
        Var const y = x + 1;
        {
            Scope const step(tape, Index{3}), cell(tape, std::string("cell"));
            BOOST_TEST(scope_of(tape, Var(y + 1)) == "encoder/3/cell");
        }
        BOOST_TEST(scope_of(tape, Var(y + 1)) == "encoder");
    }
    BOOST_TEST(scope_of(tape, Var(x + 1)) == "");
}

BOOST_AUTO_TEST_CASE(scopes_that_end_in_another_order) {
    Tape tape;
    Var const x = tape.input(a);
    std::optional<Scope> outer(std::in_place, tape, "outer"), inner(std::in_place, tape, "inner");
    outer.reset();
    BOOST_TEST(scope_of(tape, Var(x + 1)) == "outer/inner");
    inner.reset();
    BOOST_TEST(scope_of(tape, Var(x + 1)) == "");
}

BOOST_AUTO_TEST_CASE(scopes_end_with_a_rewind) {
    Tape tape;
    Scope const model(tape, "model");
    auto const mark = tape.mark();
    std::optional<Scope> lost(std::in_place, tape, "lost");
    tape.rewind(mark);
    Var const x = tape.input(a);
    BOOST_TEST(scope_of(tape, x) == "model");
    Scope const cell(tape, "cell");  // where the record of the lost one was
    lost.reset();
    BOOST_TEST(scope_of(tape, Var(x + 1)) == "model/cell");
    tape.rewind();
    BOOST_TEST(scope_of(tape, tape.input(a)) == "");
}

BOOST_AUTO_TEST_CASE(names) {
    Tape tape;
    Params params;
    Var const h = tape.input(a, "hidden");
    Var gate    = h * 2;
    auto next   = Var(gate + 1);
    BOOST_TEST(label(h) == "hidden");
    BOOST_TEST(label(gate) == "gate");
    BOOST_TEST(label(next) == "next");
    BOOST_TEST(label(gate.named("f")) == "f");
    BOOST_TEST(given_name(tape, tape[gate.window().node].value) == "f");  // the node as well
    BOOST_TEST(label(tape.lift((params / "cell").zeros("w", {3}))) == "cell.w");
    BOOST_TEST(label(h[1]) == "hidden[1]");
    BOOST_TEST(label(Var(h + 1)).starts_with("%"));
}

BOOST_AUTO_TEST_CASE(parameters_are_lifted_once) {
    Tape tape, twofold(float64);
    Params params;
    Param& w    = params.constant("w", {3}, 4);
    Var const x = tape.input(a), y = x * w + w;
    BOOST_TEST((tape.size() == 3u && tape.lift(w).window().data == w.data()));
    BOOST_TEST((y.value<float>() == xt::xarray<float>{8, 12, 16}));
    Var const converted = twofold.lift(w);
    BOOST_TEST((converted.value<double>() == xt::xarray<double>{4, 4, 4}));
    tape.rewind();
    BOOST_TEST((tape.lift(w).value<float>()(2) == 4 && tape.size() == 1u));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_changed_is_read_anew) {
    for (Dtype dtype : {float32, float64}) {
        Tape tape(dtype);
        Params params;
        Param& w    = params.uniform("w", {3, 2}, -1, 1);
        Var const x = tape.input(xt::xarray<float>{{1, 2}}),
                  y = linear(x, w) + linear(x, w);  // twice: a transpose is kept
        static_cast<void>(y);
        w.assign(xt::xarray<float>{{1, 0}, {0, 1}, {3, 4}});
        Var const z = linear(x, w);
        BOOST_TEST((xt::cast<double>(xt::xarray<double>{{1, 2, 11}}) ==
                    dispatch(dtype, [&](auto t) { return xt::xarray<double>(z.value<decltype(t)>()); })));
        Gradients const g = backward(sum(z));
        BOOST_TEST(g.reached(w));
        BOOST_TEST((dispatch(dtype, [&](auto t) { return xt::xarray<double>(g[w].value<decltype(t)>()); }) ==
                    xt::xarray<double>{{1, 2}, {1, 2}, {1, 2}}));
        BOOST_CHECK_THROW(backward(sum(y)), TapeError);
    }
}

BOOST_AUTO_TEST_CASE(another_parameter_at_the_same_address) {
    alignas(Param) std::byte memory[sizeof(Param)];
    Tape tape;
    auto* p = ::new (memory) Param("one", {2}, float32);
    p->assign(7);
    Var const x = tape.input(2.0), y = x * *p;
    BOOST_TEST(y.value<float>()(1) == 14);
    p->~Param();
    p = ::new (memory) Param("two", {3}, float32);
    p->assign(5);
    Var const z = x * *p;
    BOOST_TEST((z.value<float>() == xt::xarray<float>{10, 10, 10}));
    BOOST_TEST((backward(sum(z))[*p].value<float>() == xt::xarray<float>{2, 2, 2}));
    p->~Param();
}

BOOST_AUTO_TEST_CASE(substituted_parameters) {
    Tape tape(float64);
    Params params;
    Param& w                    = params.constant("w", {2}, 4);
    alignas(64) double value[8] = {1, 10};
    tape.substitute(w, value);
    Var const x = tape.input(3.0), y = x * w;
    BOOST_TEST((y.value<double>() == xt::xarray<double>{3, 30}));
    w.assign(9);
    BOOST_TEST((backward(sum(y))[w].value<double>() == xt::xarray<double>{3, 3}));
    tape.rewind();
    BOOST_TEST((tape.lift(w).value<double>() == xt::xarray<double>{9, 9}));
}

// A failed recording leaves the tape as it was.
BOOST_AUTO_TEST_CASE(failures_leave_no_trace) {
    Tape tape;
    Params params;
    Param& w    = params.uniform("w", {4, 3}, -1, 1);
    Var const x = tape.input(a), y = tape.input(xt::xarray<float>{{1, 2}, {3, 4}}), first = x[0], turned = transpose(y);
    auto const mark = tape.mark();
    auto const same = [&] { return tape.size() == mark.size && tape.mark().memory == mark.memory; };
    BOOST_CHECK_THROW(Var(x + y), ShapeError);
    BOOST_TEST(same());
    BOOST_CHECK_THROW(Var(first * w + y), ShapeError);  // lifts w first
    BOOST_TEST(same());
    BOOST_CHECK_THROW(sum(x, 1), IndexError);
    BOOST_TEST(same());
    BOOST_CHECK_THROW(matmul(y, w), ShapeError);
    BOOST_TEST(same());
    BOOST_CHECK_THROW(Var(linear(y, w)), ShapeError);
    BOOST_TEST(same());
    BOOST_CHECK_THROW(concat({x, y}), ShapeError);
    BOOST_TEST(same());
    BOOST_CHECK_THROW(reshape(turned, {3}), ShapeError);  // copies first
    BOOST_TEST(same());
    Var const z = x * w;
    BOOST_TEST((z.shape() == Shape{4, 3} && z.window().node == mark.size + 1));
    BOOST_TEST((backward(sum(z))[w].value<float>()(3, 2) == 3));
}

BOOST_AUTO_TEST_CASE(failures_use_up_no_memory) {
    Tape tape;
    Var const x = tape.input(a), y = tape.input(xt::xarray<float>{{1, 2}, {3, 4}});
    auto const bytes = tape.bytes_reserved();
    for (int i = 0; i < 10'000; ++i) BOOST_CHECK_THROW(Var(x * x + y), ShapeError);
    BOOST_TEST(tape.bytes_reserved() == bytes);
}

// A paused tape does not keep what only a sweep would read.
BOOST_AUTO_TEST_CASE(memory_of_paused_statements) {
    Tape tape;
    Var const x = tape.input(a), m = tape.input(xt::ones<float>({2, 3}));
    auto const bytes = [&](auto record) {
        std::size_t const before = tape.arena().bytes_used();
        auto const y             = record();
        return std::pair(tape.arena().bytes_used() - before, y);
    };
    auto const all = [&](auto record) {
        auto const recorded = bytes(record);
        Pause const pause(tape);
        auto const first = bytes(record), second = bytes(record);
        BOOST_TEST(std::max(first.first, second.first) + 128 < recorded.first);
        BOOST_TEST((first.second.template value<float>() == recorded.second.template value<float>()));
        BOOST_TEST((first.second.template value<float>() == second.second.template value<float>()));
    };
    all([&]() -> Var { return x * 2 + x; });
    all([&]() -> Var { return m * x + 1; });
    all([&]() -> Var { return sum(m * x, 0); });
    all([&]() -> Var { return slice(m, 1, 0, 2) * slice(x, 0, 1, 3); });
}

// Code between recordings may throw: what was recorded before stays.
BOOST_AUTO_TEST_CASE(exceptions_of_others) {
    Tape tape;
    Var x = tape.input(a), y;
    try {
        Scope const scope(tape, "inside");
        Pause const pause(tape);
        y = x * 2;
        throw 1;
    } catch (int) {}
    BOOST_TEST((tape.recording() && y.value<float>()(2) == 6));
    BOOST_TEST(scope_of(tape, Var(x + 1)) == "");
}

// A Var made while an exception is on its way is kept.
BOOST_AUTO_TEST_CASE(recording_while_an_exception_is_under_way) {
    struct Recorder {
        Var& x;
        ~Recorder() { x = x * 2; }
    };
    Tape tape;
    Var x = tape.input(3.0);
    try {
        Recorder const recorder{x};
        throw 1;
    } catch (int) {}
    BOOST_TEST((x.item() == 6 && tape.size() == 2u));
}

BOOST_AUTO_TEST_SUITE_END()
