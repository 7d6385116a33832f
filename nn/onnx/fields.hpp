// Fields of messages as numbers, texts and lists.
#pragma once
#include <unspool/autograd/array/shape.hpp>
#include <unspool/nn/onnx/wire.hpp>

namespace unspool::nn::onnx {

using Field = WireReader::Field;

/// What readers of messages share.  FileError, which says where, for a field of another type.
class Fields {
public:
    explicit Fields(std::string const& file) : file_(file) {}

protected:
    [[noreturn]] void refuse(std::size_t at, std::string_view what) const { onnx::refuse(file_, at, what); }

    /// f(field) of all fields of a message.
    template <class F> void each(std::string_view bytes, std::size_t at, F f) const {
        for (WireReader in(bytes, at, file_); in.more();) f(in.next());
    }
    template <class F> void each(Field const& message, F f) const { each(bytes_of(message), message.at, f); }

    std::string_view bytes_of(Field const&) const;
    Index integer(Field const&) const;
    float real(Field const&) const;
    std::string text_of(Field const&) const;  ///< in UTF-8
    std::string name_of(Field const&) const;  ///< the same without a zero byte
    /// f(number) of one, or of many in one field.
    template <class F> void integers(Field const& f, F push) const {
        if (f.type == WireReader::varint) return push(static_cast<Index>(f.value));
        for (WireReader in(bytes_of(f), f.at, file_); in.more();) push(static_cast<Index>(in.number()));
    }
    /// The same of numbers of 4 or 8 bytes, as bytes.
    std::string_view fixed(Field const&, std::size_t size) const;

private:
    void require(Field const&, WireReader::Type) const;

    std::string const& file_;
};

}  // namespace unspool::nn::onnx
