// How a program's values are chosen, kept small, and summed up.
#include <fmt/ranges.h>
#include <programs/forms.hpp>
#include <programs/session.hpp>

namespace programs {

namespace {

constexpr std::array<Index, 12> sizes{1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 65};

double largest(Var const& x) {
    return dispatch(x.dtype(), [&](auto t) {
        double out = 0;
        for (auto v : x.value<decltype(t)>()) out = std::max(out, std::abs(static_cast<double>(v)));
        return out;
    });
}

}  // namespace

std::string written(Shape const& s) { return fmt::format("{{{}}}", fmt::join(s, ", ")); }

Shape Session::shape(Choices& c, Index rank) {
    Shape out;
    for (Index a = 0; a < rank; ++a) {
        Index const n = sizes[static_cast<std::size_t>(c(sizes.size()))];
        out.push_back(count(out) * n > 2048 ? 1 + n % 3 : n);
        if (!small(out)) out.back() = 1;
    }
    return out;
}

void Session::write(std::string const& line) {
    if (source_) *source_ += "    " + line + "\n";
}

std::size_t Session::number(Choices& c) {
    if (values.empty()) new_input(shape(c, 2));
    std::size_t const latest =
        std::min<std::size_t>(2, values.size());  // half of the time, so that things are done to one another
    if (c.yes()) return values.size() - 1 - static_cast<std::size_t>(c(static_cast<Index>(latest)));
    return static_cast<std::size_t>(c(static_cast<Index>(values.size())));
}

void Session::new_input(Shape const& shape) {
    std::size_t const k = inputs.size();
    inputs.push_back(tape.input(store.input(k, shape), fmt::format("x{}", k)));
    put(inputs.back(), fmt::format("tape.input(numbers({}, {}))", written(shape), 1 + k), {});
}

Param& Session::parameter(std::string const& name, Shape const& shape) {
    bool const known = store.params.contains(name) && declared_.contains(name);
    Param& out       = store.parameter(name, shape);
    if (!known)
        declared_.insert(name),
            write(fmt::format("Param& {0} = params.uniform(\"{0}\", {1}, -0.5, 0.5);", name, written(shape)));
    return out;
}

// A value that has grown too much is brought back, lest everything after it be rounding.
void Session::put(Var const& v, std::string const& term, std::initializer_list<Value const*> from, bool view) {
    for (Value const* x : from) x->used = true;
    std::string const name = fmt::format("v{}", values.size());
    write(fmt::format("Var {} = {};", name, term));
    values.push_back({v, name, false, view});
    if (store.scaled.try_emplace(values.size(), largest(v) > 8).first->second) {
        Value const& x = values.back();
        put(tanh(0.25 * x.var), fmt::format("tanh(0.25 * {})", name), {&x});
    }
}

void Session::do_instruction(Instruction const& i) {
    auto const& all = forms();
    Choices c(i);
    all[i.form % all.size()](*this, c);
}

Var Session::result(bool seeded) {
    if (std::none_of(values.begin(), values.end(), [](Value const& v) { return !v.used && v.var.requires_grad(); }))
        new_input({2});
    std::vector<Var> parts;
    std::string list;
    for (std::size_t k = 0; k < values.size(); ++k) {
        Value const& v = values[k];
        if (v.used) continue;
        auto const weights = numbers(v.shape(), 500 + k);
        list += fmt::format("{}reshape({}, {{-1}})", list.empty() ? "" : ", ", v.name);
        parts.push_back(seeded ? reshape(v.var, {-1}) : reshape(sum(v.var * weights), {-1}));
        if (!seeded)
            write(fmt::format("Var s{0} = sum({1} * numbers({2}, {3}));", k, v.name, written(v.shape()), 500 + k));
        if (!seeded) list.resize(list.rfind("reshape")), list += fmt::format("reshape(s{}, {{-1}})", k);
    }
    write(fmt::format("Var y = {};",
                      seeded ? fmt::format("concat({{{}}})", list) : fmt::format("sum(concat({{{}}}))", list)));
    return seeded ? concat(parts) : sum(concat(parts));
}

}  // namespace programs
