// Decodes UTF-8.
#include <array>
#include <bit>
#include <unspool/autograd/text/utf8.hpp>

namespace unspool::core::utf8 {

Character first(std::string_view s) {
    auto const lead   = static_cast<unsigned char>(s[0]);
    auto const ones   = static_cast<std::size_t>(std::countl_one(lead));
    auto const length = ones == 0 ? 1 : ones;
    if (ones == 1 || ones > 4 || length > s.size()) return {};
    auto code = static_cast<char32_t>(lead & (0xFFU >> (ones + 1)));
    for (std::size_t i = 1; i < length; ++i) {
        auto const next = static_cast<unsigned char>(s[i]);
        if ((next & 0xC0U) != 0x80U) return {};
        code = code << 6 | (next & 0x3FU);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};  // below, a shorter sequence says the same
    bool const surrogate = code >= 0xD800 && code < 0xE000;
    return code >= least[ones] && code < 0x110000 && !surrogate ? Character{code, length} : Character{};
}

std::string one_line(std::string_view s, std::size_t most) {
    std::string out;
    each_character(s.substr(0, most),
                   [&](std::string_view bytes, char32_t code) { out += is_control(code) ? " " : bytes; });
    return s.size() > most ? out + "…" : out;
}

}  // namespace unspool::core::utf8
