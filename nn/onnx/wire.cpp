// Numbers of seven bits a byte, and lengths that are within what is left.
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/onnx/wire.hpp>

namespace unspool::nn::onnx {

static_assert(std::endian::native == std::endian::little, "ONNX files are little-endian, and so must this machine be");

void WireWriter::varint(std::uint64_t n) {
    for (; n >= 128; n >>= 7) out_ += static_cast<char>(n | 128);
    out_ += static_cast<char>(n);
}
void WireWriter::integer(unsigned field, std::int64_t n) {
    key(field, WireReader::varint), varint(static_cast<std::uint64_t>(n));
}
void WireWriter::real(unsigned field, float x) {
    key(field, WireReader::four_bytes);
    out_.append(reinterpret_cast<char const*>(&x), sizeof x);
}
void WireWriter::bytes(unsigned field, std::string_view s) {
    key(field, WireReader::bytes), varint(s.size());
    out_ += s;
}

void refuse(std::string_view file, std::size_t at, std::string_view what) {
    throw FileError(fmt::format("{}: byte {}: {}", file, at, what));
}

std::string_view WireReader::take(std::uint64_t n) {
    if (n > left_.size()) refuse(file_, at_, fmt::format("{} bytes are wanted, but {} are left", n, left_.size()));
    auto const out = left_.substr(0, n);
    left_.remove_prefix(n), at_ += n;
    return out;
}

std::uint64_t WireReader::number() {
    std::size_t const begin = at_;
    std::uint64_t out       = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        auto const byte = static_cast<unsigned char>(take(1)[0]);
        out |= std::uint64_t{byte & 127u} << shift;
        if (byte < 128 && (shift < 63 || byte < 2)) return out;
    }
    refuse(file_, begin, "a number is longer than 64 bits");
}

WireReader::Field WireReader::next() {
    std::size_t const begin = at_;
    std::uint64_t const key = number();
    if (key >> 3 == 0 || key >> 32 != 0) refuse(file_, begin, fmt::format("no field has the number {}", key >> 3));
    Field out{static_cast<unsigned>(key >> 3), static_cast<Type>(key & 7)};
    switch (out.type) {
        case varint: out.at = at_, out.value = number(); return out;
        case bytes: {
            std::uint64_t const n = number();
            out.at = at_, out.bytes = take(n);
            return out;
        }
        case four_bytes: out.at = at_, out.bytes = take(4); return out;
        case eight_bytes: out.at = at_, out.bytes = take(8); return out;
    }
    refuse(file_, begin, fmt::format("a field is of type {}, which ONNX has not", key & 7));
}

}  // namespace unspool::nn::onnx
