// How they are written.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/picture/words.hpp>

namespace unspool::core {

std::string subscript(Index n) {
    std::string out;
    for (char c : std::to_string(n)) out += fmt::format("\xE2\x82{}", static_cast<char>(0x80 + (c - '0')));
    return out;
}

std::optional<double> only_number(Tape const& tape, Window const& w) {
    return dispatch(tape.dtype(), [&](auto t) -> std::optional<double> {
        auto const a    = array_view(static_cast<decltype(t) const*>(w.data), w.shape, w.strides);
        bool const same = a.size() > 0 && std::all_of(a.begin(), a.end(), [&](auto v) { return v == *a.begin(); });
        return same ? std::optional(static_cast<double>(*a.begin())) : std::nullopt;
    });
}

std::string text_of_number(double x) { return fmt::format("{:.6g}", x); }

std::size_t common_prefix(std::vector<std::string> const& paths) {
    if (paths.size() < 2) return 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < paths[0].size(); ++i) {
        if (!std::all_of(paths.begin(), paths.end(), [&](auto& p) { return i < p.size() && p[i] == paths[0][i]; }))
            break;
        if (paths[0][i] == '.') n = i + 1;
    }
    return n;
}

std::string without_weight(std::string const& path) {
    constexpr std::string_view ending = ".weight";
    return path.size() > ending.size() && path.ends_with(ending) ? path.substr(0, path.size() - ending.size()) : path;
}

}  // namespace unspool::core
