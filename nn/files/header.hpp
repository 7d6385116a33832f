// What a safetensors file says of its tensors, before their bytes: one JSON object.  It knows no file.
//     {"__metadata__": {"any": "text"}, "weight": {"dtype": "F32", "shape": [4,3], "data_offsets": [0,48]}, …}
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace unspool::core {

/// The element types of safetensors files that are known here; text() gives the name there: "F32".
enum class Stored : std::uint8_t { boolean, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };
std::string_view text(Stored);
std::size_t size_of(Stored);  ///< of an element, in bytes
constexpr Stored stored(Dtype d) { return d == float32 ? Stored::f32 : Stored::f64; }

/// One tensor: its name, and where in the buffer behind the header its elements are, the last axis fastest.
struct StoredTensor {
    std::string name;
    Stored type = Stored::f32;
    std::vector<Index> shape;
    std::uint64_t begin = 0, end = 0;

    std::uint64_t count() const { return (end - begin) / size_of(type); }  ///< of elements
};

/// Texts by name.
using Metadata = std::map<std::string, std::string, std::less<>>;

struct Header {
    static constexpr std::uint64_t most = 100'000'000;  ///< bytes, by the format

    std::vector<StoredTensor> tensors;  ///< in the order of their bytes
    Metadata metadata;
};

/// Reads a header strictly.  FileError unless `json` is one object in UTF-8, padded by spaces only, without a name that is
/// there twice, and its tensors cover `buffer` bytes wholly, without hole or overlap.  `file` is what errors call it.
/// Takes memory in proportion to the text.
Header parse_header(std::string_view json, std::uint64_t buffer, std::string_view file);

/// A header as text, in the order given and padded by spaces to a multiple of 8 bytes; the same header always gives the same
/// text.  NameError where a name is there twice or not in UTF-8; FileError if it is longer than the format allows.
std::string header_text(std::span<StoredTensor const>, Metadata const&, std::string_view file);

/// Bytes of a tensor of this shape.  Returns false where the product overflows or a size is negative.
bool bytes_of(Stored, std::span<Index const> shape, std::uint64_t& bytes);

std::string text(std::span<Index const> shape);  ///< "[4,3]"; of many axes only the first
/// A name from a file as errors show it: quoted, without control characters, and not too long.
std::string shown(std::string_view name);
/// Several of them, of very many only the first.
std::string shown_list(std::span<std::string const> names);
/// Where a list is not the one before: "number 3 is \"b\", not \"a\"", or "there are 3, not 4".
std::string shown_change(std::span<std::string const> now, std::span<std::string const> before);

}  // namespace unspool::core
