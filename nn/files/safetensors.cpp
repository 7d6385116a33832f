// Reads and writes safetensors files.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/files/foreign.hpp>
#include <unspool/nn/files/safetensors.hpp>

namespace unspool::core {

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian, and so must this machine be");

namespace {

constexpr std::uint64_t length_bytes = 8;

/// The length of the header, which lies wholly in the file.
std::uint64_t header_length(Source const& source) {
    auto const require = [&](bool fits, std::string const& what) {
        if (fits) return;
        std::string const other = foreign_format(source);
        throw FileError(
            fmt::format("{}: {}", source.name(), other.empty() ? what : "no safetensors file, but " + other));
    };
    require(source.size() >= length_bytes,
            fmt::format("a safetensors file has {} bytes at least, this one {}", length_bytes, source.size()));
    std::uint64_t n = 0;
    source.read(0, std::as_writable_bytes(std::span(&n, 1)));
    bool const nonsense = n >> 32 != 0;  // these bytes are no length
    require(n <= Header::most, fmt::format("{}the header claims {} bytes, the most is {}",
                                           nonsense ? "no safetensors file: " : "", n, Header::most));
    std::uint64_t const rest = source.size() - length_bytes;
    require(n <= rest, fmt::format("the header claims {} bytes, but {} follow", n, rest));
    return n;
}

double from_half(std::uint16_t bits) {
    double const sign = bits & 0x8000 ? -1 : 1;
    int const e = bits >> 10 & 0x1f, m = bits & 0x3ff;
    if (e == 0x1f) return m ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
    return sign * (e ? std::ldexp(m + 0x400, e - 25) : std::ldexp(m, -24));
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

/// Wider elements first: then each begins at a multiple of its size.
std::vector<TensorView const*> aligned_order(std::span<TensorView const> tensors) {
    std::vector<TensorView const*> out(tensors.size());
    std::iota(out.begin(), out.end(), tensors.data());
    std::stable_sort(out.begin(), out.end(), [](auto* a, auto* b) { return size_of(a->type) > size_of(b->type); });
    return out;
}

std::vector<StoredTensor> laid_out(std::span<TensorView const* const> tensors, std::string const& file) {
    std::vector<StoredTensor> out;
    std::uint64_t end = 0;
    for (TensorView const* t : tensors) {
        std::uint64_t bytes = 0, const_begin = end;
        if (!bytes_of(t->type, t->shape, bytes) || __builtin_add_overflow(end, bytes, &end))
            throw ShapeError(
                fmt::format("{}: {}: no file can hold the shape {}", file, shown(t->name), text(t->shape)));
        out.push_back({t->name, t->type, t->shape, const_begin, end});
    }
    return out;
}

}  // namespace

Safetensors::Safetensors(Source source) : source_(std::move(source)) {
    std::string json(header_length(source_), '\0');
    source_.read(length_bytes, std::as_writable_bytes(std::span(json)));
    buffer_ = length_bytes + json.size();
    header_ = parse_header(json, source_.size() - buffer_, file());
    by_name_.resize(header_.tensors.size());
    std::iota(by_name_.begin(), by_name_.end(), 0u);
    std::sort(by_name_.begin(), by_name_.end(), [&](auto a, auto b) { return tensors()[a].name < tensors()[b].name; });
}

StoredTensor const* Safetensors::find(std::string_view name) const {
    auto const at = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                     [&](auto k, std::string_view n) { return tensors()[k].name < n; });
    return at != by_name_.end() && tensors()[*at].name == name ? &tensors()[*at] : nullptr;
}

template <class From, class T, class Convert>
void Safetensors::read_as(StoredTensor const& t, std::span<T> to, Convert convert) const {
    std::array<From, 4096> some;
    for (std::uint64_t at = buffer_ + t.begin; !to.empty();) {
        std::size_t const n = std::min(to.size(), some.size());
        auto const from     = std::span(some).first(n);
        source_.read(at, std::as_writable_bytes(from));
        std::transform(from.begin(), from.end(), to.begin(), [&](From x) { return static_cast<T>(convert(x)); });
        at += from.size_bytes();
        to = to.subspan(n);
    }
}

template <class T> bool Safetensors::read_integers(StoredTensor const& t, std::span<T> to) const {
    auto const same = [](auto x) { return x; };
    switch (t.type) {
        case Stored::boolean: return read_as<std::uint8_t>(t, to, [](auto x) { return x != 0; }), true;
        case Stored::u8: return read_as<std::uint8_t>(t, to, same), true;
        case Stored::i8: return read_as<std::int8_t>(t, to, same), true;
        case Stored::u16: return read_as<std::uint16_t>(t, to, same), true;
        case Stored::i16: return read_as<std::int16_t>(t, to, same), true;
        case Stored::u32: return read_as<std::uint32_t>(t, to, same), true;
        case Stored::i32: return read_as<std::int32_t>(t, to, same), true;
        case Stored::u64: return read_as<std::uint64_t>(t, to, same), true;
        case Stored::i64: return read_as<std::int64_t>(t, to, same), true;
        default: return false;
    }
}

template <Real T> void Safetensors::read(StoredTensor const& t, std::span<T> to) const {
    if (to.size() != t.count())
        throw ValueError(fmt::format("{}: {} has {} elements, not {}", file(), shown(t.name), t.count(), to.size()));
    if (t.type == stored(dtype_of<T>)) return source_.read(buffer_ + t.begin, std::as_writable_bytes(to));
    if (read_integers(t, to)) return;
    auto const same = [](auto x) { return x; };
    if (t.type == Stored::f16) read_as<std::uint16_t>(t, to, from_half);
    else if (t.type == Stored::bf16) read_as<std::uint16_t>(t, to, from_bfloat);
    else if (t.type == Stored::f32) read_as<float>(t, to, same);
    else read_as<double>(t, to, same);
}
template void Safetensors::read(StoredTensor const&, std::span<float>) const;
template void Safetensors::read(StoredTensor const&, std::span<double>) const;

void Safetensors::read_exactly(StoredTensor const& t, Stored type, std::span<std::byte> to) const {
    if (t.type != type)
        throw FileError(fmt::format("{}: {} is {}, expected {}", file(), shown(t.name), text(t.type), text(type)));
    if (to.size() != t.end - t.begin)
        throw ValueError(fmt::format("{}: {} has {} bytes, not {}", file(), shown(t.name), t.end - t.begin, to.size()));
    source_.read(buffer_ + t.begin, to);
}

StoredTensor const& Safetensors::at(std::string_view name) const {
    StoredTensor const* t = find(name);
    if (!t) throw NameError(fmt::format("{}: there is no tensor {}", file(), shown(name)));
    return *t;
}

xt::xarray<double> Safetensors::array(std::string_view name) const {
    StoredTensor const& t  = at(name);
    xt::xarray<double> out = xt::empty<double>(std::vector<std::size_t>(t.shape.begin(), t.shape.end()));
    read(t, std::span(out.data(), out.size()));
    return out;
}

std::vector<Index> Safetensors::integers(std::string_view name) const {
    StoredTensor const& t = at(name);
    std::vector<Index> out(t.count());
    if (!read_integers(t, std::span(out)))
        throw FileError(fmt::format("{}: {} is {}, expected integers", file(), shown(name), text(t.type)));
    if (t.type == Stored::u64 && std::any_of(out.begin(), out.end(), [](Index n) { return n < 0; }))
        throw ValueError(fmt::format("{}: {} has an integer above {}", file(), shown(name), PTRDIFF_MAX));
    return out;
}

namespace {

/// Calls `write` with each piece of a file called `name`.
template <class F>
void each_piece(std::string const& name, std::span<TensorView const> tensors, Metadata const& metadata, F write) {
    auto const order           = aligned_order(tensors);
    auto const layout          = laid_out(order, name);
    std::string const header   = header_text(layout, metadata, name);
    std::uint64_t const length = header.size();
    write(std::as_bytes(std::span(&length, 1)));
    write(std::as_bytes(std::span(header)));
    for (std::size_t k = 0; k < order.size(); ++k)
        write(std::span(static_cast<std::byte const*>(order[k]->data),
                        static_cast<std::size_t>(layout[k].end - layout[k].begin)));
}

}  // namespace

void write_safetensors(std::string const& path, std::span<TensorView const> tensors, Metadata const& metadata) {
    std::optional<AtomicFile> file;  // not before it is known what would be in it
    each_piece(path, tensors, metadata, [&](std::span<std::byte const> piece) {
        if (!file) file.emplace(path);
        file->write(piece);
    });
    file->commit();
}

std::vector<std::byte> safetensors_bytes(std::span<TensorView const> tensors, Metadata const& metadata) {
    std::vector<std::byte> out;
    each_piece("memory", tensors, metadata,
               [&](std::span<std::byte const> piece) { out.insert(out.end(), piece.begin(), piece.end()); });
    return out;
}

}  // namespace unspool::core
