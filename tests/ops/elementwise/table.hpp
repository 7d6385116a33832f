// The elementwise operations as rows of a table, so that their loops are compiled in one file, and not in each that tests them.
#pragma once
#include <span>
#include <string_view>
#include <unspool/ops/ops.hpp>
#include <vector>

namespace table {

using unspool::Var;
using unspool::core::Interval;

struct Row {
    char const* name;
    Interval domain;
    std::span<double const> kinks, jumps;
    bool surrogate;
    Var (*call)(std::span<Var const>);
};

std::vector<Row> unary();
std::vector<Row> binary();
std::vector<Row> ternary();

/// All of them, and one of them.
std::vector<Row> all();
Row named(std::string_view, std::size_t arity);

template <class Op, std::size_t... K> Row row(std::index_sequence<K...>) {
    Row out{Op::name, Op::domain, {}, {}, requires {Op::surrogate;
}
, [](std::span<Var const> x) -> Var { return unspool::core::apply<Op>(x[K]...); }
};  // namespace table
if constexpr (requires { Op::kinks; }) out.kinks = Op::kinks;
if constexpr (requires { Op::jumps; }) out.jumps = Op::jumps;
return out;
}
template <std::size_t arity, class... Op> std::vector<Row> rows(unspool::core::List<Op...>) {
    return {row<Op>(std::make_index_sequence<arity>{})...};
}

}  // namespace table
