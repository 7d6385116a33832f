// How an arena grows: in blocks that double, so that their number stays small.
#include <algorithm>
#include <unspool/autograd/arena.hpp>

namespace unspool {

namespace {
constexpr std::size_t smallest_block = std::size_t{1} << 16, largest_block = std::size_t{1} << 26;
}  // namespace

void* Arena::allocate_in_next_block(std::size_t bytes) {
    std::size_t next = blocks_.empty() ? 0 : block_ + 1;
    while (next < blocks_.size() && blocks_[next].size < bytes) ++next;
    if (next == blocks_.size()) {
        std::size_t const doubled = blocks_.empty() ? smallest_block : std::min(largest_block, 2 * blocks_.back().size);
        std::size_t const size    = std::max(doubled, padded(bytes));
        auto*             p       = static_cast<std::byte*>(::operator new (size, std::align_val_t{alignment}));
        blocks_.push_back({std::unique_ptr<std::byte, Free>(p), size});
    }
    block_ = next;
    used_  = bytes;
    return blocks_[block_].bytes.get();
}

std::size_t Arena::bytes_reserved() const {
    std::size_t sum = 0;
    for (auto& b : blocks_) sum += b.size;
    return sum;
}

}  // namespace unspool
