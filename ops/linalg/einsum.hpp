// Sums of products by the letters of their axes: Einstein's convention, as numpy writes it.
#pragma once
#include <string_view>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>

namespace unspool::core {

struct Einsum {
    static constexpr auto name = "einsum";
    static constexpr About about{
        "the sum, over all letters that the result has not, of the operands' product",
        "einsum of g and the other operand, along its letters", "Var y = einsum(\"ij,jk->ik\", a, b);",
        "one operand or two; a letter that an operand has twice is its diagonal; ShapeError if a letter "
        "has two sizes, ValueError for letters that are no such sum"};
    static std::vector<Example> examples();
};

/// "bij,bjk->bik": each letter is an axis, of one size wherever it stands, and the result has the letters behind the arrow.  Those that
/// it has not are summed over.  It is recorded as transposes, and one product, matmul or sum that does it.
Var einsum(std::string_view letters, Argument x, Argument y, Where = Where::here());
/// Of one operand: "ii->" is its trace, "ii->i" its diagonal, "ij->j" a sum, "ij->ji" a transpose.
Var einsum(std::string_view letters, Argument x, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::einsum;

}  // namespace unspool
