// Cuts texts between characters.
#include <unspool/autograd/text/elided.hpp>

namespace unspool::core {

std::string elided(std::string_view s, std::size_t most) {
    if (s.size() <= most) return std::string(s);
    auto const begins = [&](std::size_t i) { return (static_cast<unsigned char>(s[i]) & 0xC0) != 0x80; };
    std::size_t head = most / 2, tail = s.size() - most / 2;
    for (int k = 0; k < 3 && !begins(head); ++k) --head;
    for (int k = 0; k < 3 && tail < s.size() && !begins(tail); ++k) ++tail;
    return std::string(s.substr(0, head)) + " … " + std::string(s.substr(tail));
}

std::vector<std::size_t> some_of(std::size_t n, std::size_t most, std::size_t also) {
    std::vector<std::size_t> out;
    std::size_t const first = n <= most ? n : most - 2;
    for (std::size_t k = 0; k < first; ++k) out.push_back(k);
    if (also >= first && also + 1 < n) out.push_back(also);
    if (first < n) out.push_back(n - 1);
    return out;
}

}  // namespace unspool::core
