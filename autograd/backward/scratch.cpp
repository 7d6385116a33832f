// Free lists by size.
#include <algorithm>
#include <bit>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/backward/scratch.hpp>

namespace unspool::core {

std::size_t Scratch::size_class(std::size_t bytes) {
    std::size_t const n   = bytes < Arena::alignment ? Arena::alignment : bytes;
    std::size_t const log = static_cast<std::size_t>(std::bit_width(n - 1)) - 1;  // 2^log < n ≤ 2^(log+1), for n > 1
    std::size_t const quarter = std::size_t{1} << (log - 2);
    return 4 * log + (n - (std::size_t{1} << log) + quarter - 1) / quarter - 1;
}

std::size_t Scratch::class_bytes(std::size_t c) {
    return (std::size_t{1} << (c / 4)) + (c % 4 + 1) * (std::size_t{1} << (c / 4 - 2));
}

void* Scratch::take(std::size_t bytes) {
    std::size_t const c = size_class(bytes);
    if (FreeList* p = free_[c]) {
        free_[c] = p->next;
        return p;
    }
    return arena_.array(class_bytes(c));
}

void Scratch::give_back(void* p, std::size_t bytes) {
    std::size_t const c = size_class(bytes);
    free_[c]            = ::new (p) FreeList{free_[c]};
}

void Scratch::clear() {
    arena_.rewind({});
    free_.fill(nullptr);
}

SweepMemory::SweepMemory()  = default;
SweepMemory::~SweepMemory() = default;

void SweepMemory::append(std::span<SweptParam const> more) {
    std::size_t const all = params.size() + more.size();
    params.reserve(all), by_serial.reserve(all);  // what may fail comes first
    params.insert(params.end(), more.begin(), more.end());
    index();
}

void SweepMemory::index() {
    by_serial.clear();
    for (SweptParam const& p : params)
        if (p.gradient) by_serial.push_back({p.serial, p.gradient});
    std::sort(by_serial.begin(), by_serial.end(), [](Found const& a, Found const& b) { return a.serial < b.serial; });
}

}  // namespace unspool::core
