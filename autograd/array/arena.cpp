// How an arena grows: in blocks that double, so that their number stays small.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#ifdef UNSPOOL_POISON
#include <sanitizer/asan_interface.h>
#endif
#include <sys/mman.h>
#include <unspool/autograd/array/arena.hpp>
#include <unspool/autograd/array/error.hpp>

namespace unspool::core {

namespace {
constexpr std::size_t smallest_block = std::size_t{1} << 16, largest_block = std::size_t{1} << 26,
                      large_page = std::size_t{1} << 21;
}  // namespace

// Not by operator new: sanitizers end the program where it would throw.  Large blocks are asked for in large pages, which
// sweeps over many megabytes look up faster.
std::unique_ptr<void, Freed> system_memory(std::size_t bytes) {
    bool const large = bytes >= large_page && bytes % large_page == 0;
    std::unique_ptr<void, Freed> out(
        std::aligned_alloc(large ? large_page : Arena::alignment, std::max(bytes, Arena::alignment)));
    if (!out) throw MemoryError(fmt::format("out of memory: {} bytes were wanted", bytes));
    if (large) madvise(out.get(), bytes, MADV_HUGEPAGE);  // it may be refused, and then the pages are small
    return out;
}

#ifdef UNSPOOL_POISON
void unpoison(void* p, std::size_t bytes) { __asan_unpoison_memory_region(p, bytes); }
void Arena::poison_rest() const {
    for (std::size_t b = block_; b < blocks_.size(); ++b) {
        std::size_t const used = b == block_ ? used_ : 0;
        __asan_poison_memory_region(blocks_[b].begin() + used, blocks_[b].size - used);
    }
}
#endif

void* Arena::allocate_in_next_block(std::size_t bytes) {
    std::size_t next = blocks_.empty() ? 0 : block_ + 1;
    while (next < blocks_.size() && blocks_[next].size < bytes) ++next;
    if (next == blocks_.size()) {
        std::size_t const doubled = blocks_.empty() ? smallest_block : std::min(largest_block, 2 * blocks_.back().size);
        std::size_t const size    = std::max(doubled, padded(bytes));
        blocks_.push_back({system_memory(size), size});
    }
    block_ = next, used_ = bytes;
    if constexpr (poisons) unpoison(blocks_[block_].begin(), bytes);
    return blocks_[block_].begin();
}

bool Arena::before(void const* p, Mark m) const {
    std::less<void const*> const less;
    for (std::size_t b = 0; b <= m.block && b < blocks_.size(); ++b) {
        std::byte const* const end = blocks_[b].begin() + (b == m.block ? m.used : blocks_[b].size);
        if (!less(p, blocks_[b].begin()) && less(p, end)) return true;
    }
    return false;
}

std::size_t Arena::bytes_used() const {
    std::size_t sum = used_;
    for (std::size_t b = 0; b < block_; ++b) sum += blocks_[b].size;
    return sum;
}

std::size_t Arena::bytes_reserved() const {
    std::size_t sum = 0;
    for (auto& b : blocks_) sum += b.size;
    return sum;
}

}  // namespace unspool::core
