// What a field has to be.
#include <cstring>
#include <fmt/format.h>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/onnx/fields.hpp>

namespace unspool::nn::onnx {

void Fields::require(Field const& f, WireReader::Type type) const {
    if (f.type != type)
        refuse(f.at, fmt::format("field {} is of type {}, expected {}", f.number, static_cast<int>(f.type),
                                 static_cast<int>(type)));
}

std::string_view Fields::bytes_of(Field const& f) const { return require(f, WireReader::bytes), f.bytes; }
Index Fields::integer(Field const& f) const { return require(f, WireReader::varint), static_cast<Index>(f.value); }

float Fields::real(Field const& f) const {
    require(f, WireReader::four_bytes);
    float x;
    std::memcpy(&x, f.bytes.data(), sizeof x);
    return x;
}

std::string Fields::text_of(Field const& f) const {
    std::string_view const all = bytes_of(f);
    for (std::string_view s = all; !s.empty();) {
        auto const n = utf8::first(s).length;
        if (n == 0) refuse(f.at + (all.size() - s.size()), "a text is not UTF-8");
        s.remove_prefix(n);
    }
    return std::string(all);
}
std::string Fields::name_of(Field const& f) const {
    std::string out = text_of(f);
    if (out.find('\0') != out.npos) refuse(f.at, "there is a zero byte in a name");
    return out;
}

std::string_view Fields::fixed(Field const& f, std::size_t size) const {
    if (f.type == (size == 4 ? WireReader::four_bytes : WireReader::eight_bytes)) return f.bytes;
    if (bytes_of(f).size() % size != 0)
        refuse(f.at, fmt::format("{} bytes are no list of numbers of {}", f.bytes.size(), size));
    return f.bytes;
}

}  // namespace unspool::nn::onnx
