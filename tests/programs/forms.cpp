// What there is, and how likely.
#include <fmt/ranges.h>
#include <programs/forms.hpp>

namespace programs {

namespace {

std::vector<Form> all_forms() {
    std::vector<Form> out;
    auto const add = [&](std::vector<Form> const& some, int times) {
        for (; times > 0; --times) out.insert(out.end(), some.begin(), some.end());
    };
    add(leaf_forms(), 1), add(statement_forms(), 2), add(view_forms(), 2), add(layout_forms(), 1);
    add(product_forms(), 2), add(list_forms(), 1), add(scan_forms(), 2);
    return out;
}

// ---- leaves, and what gradients do not pass through ----

void input(Session& s, Choices& c) {
    Index const rank = c(7);
    s.new_input(s.shape(c, rank));
}

void constant(Session& s, Choices& c) {
    Shape const shape        = s.shape(c, c(4));
    std::uint64_t const seed = 50 + static_cast<std::uint64_t>(c(50));
    s.put(s.tape.constant(numbers(shape, seed)), fmt::format("tape.constant(numbers({}, {}))", written(shape), seed),
          {});
}

void lifted(Session& s, Choices& c) {
    Shape const shape = s.shape(c, c(4));
    Param const& p    = s.parameter(fmt::format("p{}", fmt::join(shape, "x")), shape);
    s.put(s.tape.lift(p), fmt::format("tape.lift({})", p.path()), {});
}

void put_frozen(Session& s, Value const& x, Var const& now, std::string const& term) {
    s.put(s.store.frozen(s.frozen++, now), term, {&x});
}

void detached(Session& s, Choices& c) {
    Value const& x = s.any(c);
    put_frozen(s, x, x.var.detach(), fmt::format("{}.detach()", x.name));
}

void paused(Session& s, Choices& c) {
    Value const& x = s.any(c);
    Var y;
    {
        Pause const pause(s.tape);
        y = tanh(x.var) * x.var;
    }
    put_frozen(s, x, y, fmt::format("[&] {{ Pause const pause(tape); return Var(tanh({0}) * {0}); }}()", x.name));
}

void named(Session& s, Choices& c) {
    Value const& x = s.any(c);
    s.put(x.var.named("name"), fmt::format("{}.named(\"name\")", x.name), {&x}, true);
}

}  // namespace

std::vector<Form> leaf_forms() { return {input, constant, lifted, detached, paused, named}; }

std::vector<Form> const& forms() {
    static std::vector<Form> const all = all_forms();
    return all;
}

}  // namespace programs
