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

/// Are more elements of use?  Where little is gathered, since rows are whole registers; and where a matrix is transposed whose columns
/// would have less than registers.  Elsewhere more of the cache is taken than calls save.
bool suits_large_tiles(Plan const& p, Tiling const& t, Index width) {
    if (t.axis + 1 == p.rank) return false;
    bool out = t.axis + 2 == p.rank && t.inner % width == 0;
    for (int k = 0; k < p.streams; ++k) out |= p.strides[t.axis * p.streams + k] == 1 && p.row_stride(k) > 1;
    return out;
}

/// Parts of a long row.
Tiling part_of_row(Plan const& p) {
    Tiling const part{p.rank - 1, 1, std::min(tile_elements, p.row_length())};
    return p.row_length() >= long_row && reachable(p, part) ? part : Tiling{};
}

}  // namespace

Tiling tiling_of(Plan const& p, Index width, bool cut_rows) {
    constexpr Index few_rows = 4;
    if (p.rank == 0 || (by_itself(p) && !cut_rows)) return {};
    if (p.row_length() >= (cut_rows ? long_row : Tiling::most / few_rows)) return part_of_row(p);
    Tiling t{.axis = p.rank - 1, .inner = 1};
    while (t.axis > 0 && t.inner * p.dims[t.axis] < tile_elements) t.inner *= p.dims[t.axis--];
    if (t.inner == 0 || t.inner >= tile_elements) return {};
    Index const whole = width / std::gcd(t.inner, width);  // so many steps fill whole registers
    t.steps           = std::max(Index{1}, (suits_large_tiles(p, t, width) ? Tiling::most : tile_elements) / t.inner);
    Index const down = t.steps / whole * whole, up = down == t.steps ? down : down + whole;
    if (Index const even = up * t.inner <= Tiling::most ? up : down; even > 0) t.steps = even;
    t.steps          = std::min(t.steps, p.dims[t.axis]);
    bool const worth = cut_rows || t.size() >= few_rows * p.row_length();
    return worth && reachable(p, t) ? t : part_of_row(p);
}

bool shares_elements(Plan const& p, Tiling const& t, int stream) {
    auto const repeats = [&](int a) { return p.strides[a * p.streams + stream] == 0; };
    for (int a = 0; a < t.axis; ++a)
        if (repeats(a)) return true;
    return repeats(t.axis) && t.steps < p.dims[t.axis];
}

}  // namespace unspool::core
