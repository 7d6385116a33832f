// Memory that is handed out in order and taken back all at once.  Rewinding keeps the blocks, so that a loop that
// records the same graph again and again allocates nothing after its first turn.
#pragma once
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace unspool::core {

/// Memory from the system.  `bytes` is a multiple of Arena::alignment, and the memory is aligned to that.
struct Freed {
    void operator()(void* p) const { std::free(p); }
};
std::unique_ptr<void, Freed> system_memory(std::size_t bytes);  ///< throws MemoryError

/// With the address sanitizer, memory that was taken back may not be read: it ends a program that looks at a view of what was rewound.
#ifdef UNSPOOL_POISON
inline constexpr bool poisons = true;
#else
inline constexpr bool poisons = false;
#endif
void unpoison(void*, std::size_t bytes);

class Arena {
public:
    static constexpr std::size_t alignment = 64;  ///< of every array: a cache line and the widest SIMD register

    struct Mark {
        std::size_t block = 0, used = 0;
        auto operator<=>(Mark const&) const = default;
    };

    /// Throws MemoryError.  The bytes hold whatever they held before.
    void* allocate(std::size_t bytes, std::size_t align);

    /// An array of `bytes`, aligned and padded to `alignment`: whole SIMD registers may be read and written to its end.
    void* array(std::size_t bytes) { return allocate(padded(bytes), alignment); }

    template <class T, class... Args> T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena never runs destructors");
        return ::new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
    }
    template <class T> std::span<T> copy(std::span<T const> from) {
        static_assert(std::is_trivially_copyable_v<T>);
        T* to = static_cast<T*>(allocate(from.size_bytes(), alignof(T)));
        if (!from.empty()) std::memcpy(static_cast<void*>(to), from.data(), from.size_bytes());
        return {to, from.size()};
    }
    std::string_view copy(std::string_view s) {
        auto const c = copy(std::span<char const>(s));
        return {c.data(), c.size()};
    }

    Mark mark() const { return {block_, used_}; }
    void rewind(Mark m) {
        block_ = m.block, used_ = m.used;
        if constexpr (poisons) poison_rest();
    }
    bool before(void const* p, Mark m) const;  ///< would what was handed out at `p` survive a rewind to `m`?
    std::size_t bytes_reserved() const;        ///< what the blocks take from the system
    std::size_t bytes_used() const;            ///< of the blocks up to the one in use

    static constexpr std::size_t padded(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

private:
    struct Block {
        std::unique_ptr<void, Freed> bytes;
        std::size_t size;

        std::byte* begin() const { return static_cast<std::byte*>(bytes.get()); }
    };
    void* allocate_in_next_block(std::size_t bytes);
    void poison_rest() const;

    std::size_t block_ = 0;  // the block in use; not beside used_: read as one, they would wait until both were written
    std::vector<Block> blocks_;
    std::size_t used_ = 0;  // how much of it is
};

// Long tapes do not fit in the caches: what will be handed out next is asked for now.
inline void* Arena::allocate(std::size_t bytes, std::size_t align) {
    constexpr std::size_t ahead = 4096, most = 8192;  // bytes; the processor follows longer arrays by itself
    std::size_t const at = (used_ + align - 1) / align * align;
    if (block_ >= blocks_.size() || bytes > blocks_[block_].size || at > blocks_[block_].size - bytes)
        return allocate_in_next_block(bytes);
    used_ = at + bytes;
    if constexpr (poisons) unpoison(blocks_[block_].begin() + at, bytes);
    std::byte* const out = blocks_[block_].begin() + at;
    std::size_t i        = 0;
    for (std::size_t const n = std::min(bytes, most); i + 4 * alignment <= n; i += 4 * alignment)
        for (std::size_t k = 0; k < 4; ++k) __builtin_prefetch(out + ahead + i + k * alignment, 1);
    for (; i < std::min(bytes, most); i += alignment) __builtin_prefetch(out + ahead + i, 1);
    return out;
}

}  // namespace unspool::core
