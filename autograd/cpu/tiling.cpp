// How large tiles are.
#include <cstdlib>
#include <limits>
#include <numeric>
#include <unspool/autograd/cpu/tiling.hpp>

namespace unspool::core {

namespace {

constexpr Index tile_elements =
    512;  // elements of a tile: the call of a loop counts no longer, and all fit in the cache
constexpr Index long_row = 256;

/// Can everything in a tile be reached by numbers of 32 bits?
bool reachable(Plan const& p, Tiling const& t) {
    for (int k = 0; k < p.streams; ++k) {
        Index reach = 0;
        for (int a = t.axis; a < p.rank; ++a)
            reach += std::abs(p.strides[a * p.streams + k]) * (a == t.axis ? t.steps : p.dims[a]);
        if (reach >= std::numeric_limits<std::int32_t>::max()) return false;
    }
    return true;
}

bool by_itself(Plan const& p) {
    if (p.rank == 0 || p.row_length() < long_row) return p.rank < 2;
    for (int k = 0; k < p.streams; ++k)
        if (p.row_stride(k) != 0 && p.row_stride(k) != 1) return false;
    return true;
}

}  // namespace

Tiling tiling_of(Plan const& p, Index width, bool cut_rows) {
    if (p.rank == 0 || (by_itself(p) && !cut_rows)) return {};
    if (p.row_length() >= long_row) {
        Tiling const part{p.rank - 1, 1, std::min(tile_elements, p.row_length())};
        return reachable(p, part) ? part : Tiling{};
    }
    Tiling t{.axis = p.rank - 1, .inner = 1};
    while (t.axis > 0 && t.inner * p.dims[t.axis] < tile_elements) t.inner *= p.dims[t.axis--];
    if (t.inner == 0 || t.inner >= tile_elements) return {};
    Index const whole  = width / std::gcd(t.inner, width);              // so many steps fill whole registers
    bool const by_rows = t.axis + 2 == p.rank && t.inner % width == 0;  // of which little is gathered
    t.steps            = std::max(Index{1}, (by_rows ? Tiling::most : tile_elements) / t.inner);
    if (Index const even = (t.steps + whole - 1) / whole * whole; even * t.inner <= Tiling::most) t.steps = even;
    t.steps          = std::min(t.steps, p.dims[t.axis]);
    bool const worth = cut_rows || t.size() >= 4 * p.row_length();
    return worth && reachable(p, t) ? t : Tiling{};
}

bool shares_elements(Plan const& p, Tiling const& t, int stream) {
    auto const repeats = [&](int a) { return p.strides[a * p.streams + stream] == 0; };
    for (int a = 0; a < t.axis; ++a)
        if (repeats(a)) return true;
    return repeats(t.axis) && t.steps < p.dims[t.axis];
}

}  // namespace unspool::core
