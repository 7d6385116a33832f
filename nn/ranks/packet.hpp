// Numbers and texts as bytes, for another process of the same program on a machine of the same kind.
#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/ranks/ranks.hpp>

namespace unspool::core {

inline void put(Packet& to, std::span<std::byte const> bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
template <class T>
requires(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>) void put(Packet& to, T const& x) {
    put(to, std::as_bytes(std::span(&x, 1)));
}
inline void put(Packet& to, std::string_view text) {
    put(to, text.size());
    put(to, std::as_bytes(std::span(text)));
}

/// Takes a message apart, in the order in which it was put together.
class PacketReader {
public:
    explicit PacketReader(std::span<std::byte const> bytes) : rest_(bytes) {}

    std::span<std::byte const> bytes(std::size_t n) {
        if (n > rest_.size())
            throw RankError("a message has " + std::to_string(rest_.size()) + " bytes where " + std::to_string(n) +
                            " were expected");
        auto const out = rest_.first(n);
        rest_          = rest_.subspan(n);
        return out;
    }
    template <class T> T take() {
        T out;
        std::memcpy(&out, bytes(sizeof(T)).data(), sizeof(T));
        return out;
    }
    std::string text() {
        auto const all = bytes(take<std::size_t>());
        return {reinterpret_cast<char const*>(all.data()), all.size()};
    }
    std::span<std::byte const> rest() const { return rest_; }

private:
    std::span<std::byte const> rest_;
};

}  // namespace unspool::core
