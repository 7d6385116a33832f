// The memory of a backward sweep: arrays that are taken and given back in any order, and reused by later sweeps.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unspool/autograd/array/arena.hpp>
#include <vector>

namespace unspool::core {

class Scratch {
public:
    void* take(std::size_t bytes);  ///< uninitialised, aligned and padded as Arena::array
    void give_back(void* p, std::size_t bytes);
    void clear();  ///< everything is given back at once; the memory is kept
    Arena& arena() { return arena_; }

private:
    // Sizes are rounded up to one of four steps between powers of two, so that equal and similar sizes share memory.
    static std::size_t size_class(std::size_t bytes);
    static std::size_t class_bytes(std::size_t c);
    struct FreeList {
        FreeList* next;
    };

    Arena arena_;
    std::array<FreeList*, 256> free_{};
};

/// What `Gradients` need besides memory; kept together so that the next sweep allocates nothing.
struct Slot;
struct Gathered;
class Param;
struct SweptParam {
    Param const* param;
    std::uint64_t serial;
    void* gradient;  // null where the result does not depend on it
};
struct Found {
    std::uint64_t serial;
    void* gradient;
};
struct SweepMemory {
    Scratch scratch;
    std::vector<Slot> slots;
    std::vector<SweptParam> params;  // in the order in which the tape met them
    std::vector<Gathered> gathered;
    std::vector<Found> by_serial;  // the gradients among `params`, sorted
    SweepMemory();
    ~SweepMemory();
    void append(std::span<SweptParam const>);
    void index();  ///< after a change to `params`
};

/// Sweep memories that no one is using.  There is room for all that were made, so that giving one back cannot fail.
struct ScratchPool {
    std::vector<std::unique_ptr<SweepMemory>> idle;
    std::size_t made = 0;
};

}  // namespace unspool::core
