// Takes the place of operator new, and, by the linker's --wrap, of aligned_alloc in the library.
#include "memory.hpp"
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

constexpr long never = std::numeric_limits<long>::max();

std::atomic<long> count = 0, first = never, last = never, living = 0;
std::atomic<bool> any = false;

bool refused() {
    long const n = ++count;
    if (n < first || n > last) return false;
    return any = true;
}

void* taken(std::size_t bytes, std::size_t align) noexcept {
    if (refused()) return nullptr;
    void* const p = std::aligned_alloc(align, (bytes + align - 1) / align * align);
    living += p != nullptr;
    return p;
}

void* or_throw(void* p) { return p ? p : throw std::bad_alloc(); }

void given_back(void* p) noexcept {
    living -= p != nullptr;
    std::free(p);
}

constexpr std::size_t ordinary = alignof(std::max_align_t);

}  // namespace

namespace memory {

void begin(Refuse what, long number) {
    count = 0, any = false;
    last  = what == Refuse::one ? number : never;
    first = number;
}
bool end() {
    first = never;
    return any;
}
long made() { return count; }
long alive() { return living; }

}  // namespace memory

// Not inlined, lest the compiler compare what they call.
#define OWN [[gnu::noinline]] void
OWN* operator new(std::size_t n) { return or_throw(taken(n, ordinary)); }
OWN* operator new(std::size_t n, std::align_val_t a) { return or_throw(taken(n, static_cast<std::size_t>(a))); }
OWN* operator new(std::size_t n, std::nothrow_t const&) noexcept { return taken(n, ordinary); }
OWN* operator new(std::size_t n, std::align_val_t a, std::nothrow_t const&) noexcept {
    return taken(n, static_cast<std::size_t>(a));
}
OWN operator delete(void* p) noexcept { given_back(p); }
OWN operator delete(void* p, std::size_t) noexcept { given_back(p); }
OWN operator delete(void* p, std::align_val_t) noexcept { given_back(p); }
OWN operator delete(void* p, std::size_t, std::align_val_t) noexcept { given_back(p); }
OWN operator delete(void* p, std::nothrow_t const&) noexcept { given_back(p); }
OWN operator delete(void* p, std::align_val_t, std::nothrow_t const&) noexcept { given_back(p); }

extern "C" void* __real_aligned_alloc(std::size_t align, std::size_t bytes);
extern "C" void* __wrap_aligned_alloc(std::size_t align, std::size_t bytes) {
    return refused() ? nullptr : __real_aligned_alloc(align, bytes);
}
