// Puts equations together.
#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <numeric>
#include <unspool/autograd/formula/equation.hpp>

namespace unspool::core {

bool operator==(Equation::Term const& a, Equation::Term const& b) {
    if (a.kind != b.kind || a.operands != b.operands) return false;
    if (a.kind == Equation::Term::number)
        return std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
    return a.text == b.text && (a.op == b.op || (a.op && b.op && *a.op == *b.op));
}

Equation Equation::number(double value) { return number(value, fmt::format("{}", value)); }

Equation Equation::number(double value, std::string written) {
    Equation out;
    out.terms_.push_back({Term::number, std::move(written), value});
    return out;
}

void Equation::apply(Operation const& op, std::string text, int operands) {
    terms_.push_back({Term::operation, std::move(text), 0, &op, operands});
}

Equation Equation::of(Operation const& op, std::span<Equation const> operands) { return of(op, operands, {}); }

Equation Equation::of(Operation const& op, std::span<Equation const> operands, std::span<Equation const> arguments) {
    Equation out;
    for (auto const& list : {operands, arguments})
        for (Equation const& x : list) out.terms_.insert(out.terms_.end(), x.terms_.begin(), x.terms_.end());
    out.apply(op, "", static_cast<int>(operands.size() + arguments.size()));
    return out;
}

Equation Equation::of(std::span<Token const> tokens, std::span<Equation const> leaves,
                      std::span<double const> numbers) {
    Equation out;
    auto add = [&](Equation const& x) { std::copy(x.terms_.begin(), x.terms_.end(), std::back_inserter(out.terms_)); };
    for (Token const& t : tokens) {
        if (t.kind == Token::leaf) add(leaves.front()), leaves = leaves.subspan(1);
        else if (t.kind == Token::number) add(number(numbers.front())), numbers = numbers.subspan(1);
        else out.apply(*t.op, "", t.op->arity);
    }
    return out;
}

Equation Equation::part(Equation whole, std::string which) {
    whole.apply(taken_part, std::move(which), 1);
    return whole;
}

Equation Equation::transposed(Equation whole) {
    whole.apply(transposition, transposition.name, 1);
    return whole;
}

std::vector<Equation> Equation::operands() const {
    if (empty()) return {};
    std::vector<Equation> out(static_cast<std::size_t>(outermost().operands));
    auto end = terms_.end() - 1;
    for (std::size_t k = out.size(); k-- > 0;) {
        auto begin = end;
        for (int wanted = 1; wanted > 0; --wanted) wanted += (--begin)->operands;
        out[k].terms_.assign(begin, end);
        end = begin;
    }
    return out;
}

std::ptrdiff_t uses(Equation const& e, Operation const& op) {
    return std::count_if(e.terms().begin(), e.terms().end(),
                         [&](Equation::Term const& t) { return t.op && *t.op == op; });
}

std::ptrdiff_t flops(Equation const& e) {
    return std::accumulate(e.terms().begin(), e.terms().end(), std::ptrdiff_t{0},
                           [](std::ptrdiff_t n, Equation::Term const& t) { return n + (t.op ? t.op->flops : 0); });
}

std::size_t hash_without_numbers(Equation const& e) {
    std::size_t out = 0;
    auto const mix  = [&](std::size_t h) { out = (out ^ h) * 0x9E3779B97F4A7C15ull + 1; };
    for (auto const& t : e.terms()) {
        mix(static_cast<std::size_t>(t.kind)), mix(static_cast<std::size_t>(t.operands));
        if (t.op) mix(std::hash<std::string_view>{}(t.op->name));
        if (t.kind != Equation::Term::number) mix(std::hash<std::string>{}(t.text));
    }
    return out;
}

}  // namespace unspool::core
