// Runs the loops of statements.  A row whose arrays are contiguous or repeated goes straight to the compiled loop; ragged
// ends, strided arrays and reductions pass through a stage that makes them look so.
#pragma once
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/cpu/sums.hpp>
#include <unspool/autograd/cpu/tiling.hpp>
#include <unspool/autograd/statement/statement.hpp>

namespace unspool::core {

inline constexpr Operation summation{"sum", 1}, averaging{"mean", 1};
constexpr Operation const& operation_of_reduction(Reduction::Kind kind) {
    return kind == Reduction::mean ? averaging : summation;
}
/// "sum", "mean"; "" for none.
constexpr char const* name_of(Reduction::Kind kind) {
    return kind == Reduction::none ? "" : operation_of_reduction(kind).name;
}

template <Real T> constexpr Index whole_registers(Index n) {
    return (n + simd_width<T> - 1) / simd_width<T> * simd_width<T>;
}

/// What a statement's node keeps.
struct Statement {
    FormulaType const* type;
    std::span<double const> numbers;
    Reduction const& reduction;
    Plan plan        = {};     // stream 0 is the result, stream k+1 is leaf k
    Index row_length = 0;      // of a plan of one row, which points here: no Statement is copied
    Averaged mean    = {};     // what each result is the mean over, if it is one
    double scale     = 1;      // or 1/n for a mean
    bool direct      = true;   // no row needs the stage, but for its end
    bool overrun     = false;  // arrays are padded: a loop may run past the end of the only row
    bool block       = false;  // rows of whole registers, of contiguous elements: one call of the loop
    Tiling tiling    = {};

    // Not an aggregate, which is filled with zeros first.
    Statement(FormulaType const& t, std::span<double const> n, Reduction const& r)
        : type(&t), numbers(n), reduction(r) {}
    int leaves() const { return type->leaves; }
    bool reduces() const { return reduction.kind != Reduction::none; }
};

/// What a statement's node keeps; null for any other node.
Statement const* statement_of(Node const&);

/// Rows of whole registers, of contiguous elements: what most statements are, and as little as computing one takes.
struct Block {
    FormulaType const* type;
    double const* numbers;
    Index rows, length;         // more than one row, or one of any length that the arrays have room for
    Index stride[max_streams];  // of each leaf, from row to row; 0 where it repeats
};
/// Computes it from the leaves' first elements.
template <Real T> void run_forward(Block const&, std::span<Window const* const> leaves, void* value);

/// Takes down that it was.
template <Real T> void trace_forward(Tape const&, Block const&, std::span<Window const* const> leaves, void* value);

/// Computes the value, or what it is a reduction of, from leaves that need not be the node's own.
template <Real T> void run_forward(Statement const&, std::span<Window const* const> leaves, Window const& value);
/// Takes it down, if it is a block.
template <Real T>
void trace_forward(Tape const&, Statement const&, std::span<Window const* const> leaves, Window const& value);
/// Adds what the node's adjoint is to those of its operands.
template <Real T> void run_reverse(Statement const&, Node const&, Adjoints&);

}  // namespace unspool::core
