// Increments to the adjoint of a parameter that are products of few rows each: the gradient of a weight that every time
// step uses.  One by one they would be bound by memory; their rows are gathered and multiplied together.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <unspool/autograd/array/write_mode.hpp>
#include <unspool/autograd/backward/scratch.hpp>
#include <unspool/autograd/cpu/product.hpp>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// How a weight stands in what it is used for:  W x,  x W,  x Wᵀ,  x + W.
enum class Use : std::uint8_t { left, right, transposed, added };

/// One of several increments with the same left-hand side:  dW += aᵀ b.  The adjoint is b where the weight is on the
/// right, and a elsewhere.  Its rows are those of the value, but for a weight on the left: then they are its columns.
template <class T> struct Increment {
    Window const* weight;
    Array<T const> b;  // [rows,n]; ones, n = 1, of a weight that is added
    Use use;
};

/// The rows of a and of each b gathered so far.
struct Gathered {
    static constexpr std::size_t most = 8;
    struct Right {
        NodeId weight;
        Index n;
        void* rows;  // [rows,n]
    };
    Index rows, capacity, m;
    void* a;  // [rows,m] in panels of a few columns, one behind the other: products read it by columns
    std::size_t n;
    std::array<Right, most> b;
    std::uint32_t before;  // another one that begins with the same weight, counted from 1; 0 if there is none
};

class Adjoints;

/// Is an increment of so many rows worth its while, or is it asked for?
bool can_wait(Adjoints const&, Window const& weight, Index rows);
/// Takes increments that can wait, `Gathered::most` at most.  Memory is bounded: a full gathering is multiplied at
/// once, unless the rows are asked for.
template <Real T>
void gather(Adjoints&, std::vector<Gathered>&, Array<T const> const& a, std::span<Increment<T> const>);
void flush(Adjoints&, Gathered&);

}  // namespace unspool::core
