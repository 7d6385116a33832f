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

std::size_t width(char32_t code) {
    constexpr std::array<std::array<char32_t, 2>, 9> over{{{0x300, 0x36F},
                                                           {0x483, 0x489},
                                                           {0x591, 0x5BD},
                                                           {0x1AB0, 0x1AFF},
                                                           {0x1DC0, 0x1DFF},
                                                           {0x200B, 0x200F},
                                                           {0x20D0, 0x20FF},
                                                           {0xFE00, 0xFE0F},
                                                           {0xFE20, 0xFE2F}}};
    constexpr std::array<std::array<char32_t, 2>, 13> wide{{{0x1100, 0x115F},
                                                            {0x231A, 0x231B},
                                                            {0x2E80, 0x303E},
                                                            {0x3041, 0xA4CF},
                                                            {0xA960, 0xA97C},
                                                            {0xAC00, 0xD7A3},
                                                            {0xF900, 0xFAFF},
                                                            {0xFE30, 0xFE6F},
                                                            {0xFF01, 0xFF60},
                                                            {0xFFE0, 0xFFE6},
                                                            {0x1F300, 0x1F64F},
                                                            {0x1F680, 0x1F9FF},
                                                            {0x20000, 0x3FFFD}}};
    auto const in = [&](auto const& ranges) {
        return std::any_of(ranges.begin(), ranges.end(), [&](auto r) { return r[0] <= code && code <= r[1]; });
    };
    return in(over) ? 0 : in(wide) ? 2 : 1;
}

std::string one_line(std::string_view s, std::size_t most) {
    std::string out;
    each_character(s.substr(0, most),
                   [&](std::string_view bytes, char32_t code) { out += is_control(code) ? " " : bytes; });
    return s.size() > most ? out + "…" : out;
}

}  // namespace unspool::core::utf8
