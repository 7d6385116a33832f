// The wire format of protocol buffers, of which ONNX files are made: fields with a number each, one behind the other.  A field is a
// whole number, four or eight bytes, or a length and so many bytes: a text, or a message within.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn::onnx {

class WireWriter {
public:
    void integer(unsigned field, std::int64_t);
    void real(unsigned field, float);
    void bytes(unsigned field, std::string_view);  ///< of a text, or of a message
    std::string const& written() const { return out_; }

private:
    void key(unsigned field, unsigned type) { varint(std::uint64_t{field} << 3 | type); }
    void varint(std::uint64_t);

    std::string out_;
};

/// Reads what others wrote, or somebody who means harm: each field lies wholly in the message, or there is a FileError that says where.
/// It takes no memory.
class WireReader {
public:
    enum Type : std::uint8_t { varint = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };
    struct Field {
        unsigned number;
        Type type;
        std::uint64_t value    = 0;   // of a number
        std::string_view bytes = {};  // of all others
        std::size_t at         = 0;   // where these begin in the file
    };

    /// A message that begins at byte `at` of the file; `file` is what errors call it.
    WireReader(std::string_view message, std::size_t at, std::string_view file)
        : left_(message), at_(at), file_(file) {}

    bool more() const { return !left_.empty(); }
    Field next();
    /// A number alone, as packed lists have them.
    std::uint64_t number();
    std::size_t at() const { return at_; }

private:
    std::string_view take(std::uint64_t n);

    std::string_view left_;
    std::size_t at_;
    std::string_view file_;
};

/// "f.onnx: byte 17: …"
[[noreturn]] void refuse(std::string_view file, std::size_t at, std::string_view what);

}  // namespace unspool::nn::onnx
