// safetensors, the format of Hugging Face: 8 bytes, the length of the header (little-endian); the header, JSON; and a buffer,
// which the tensors cover wholly.  It knows no parameter.
#pragma once
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/files/source.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// A safetensors file to read.  Only the header is kept in memory; tensors are read from the file one by one, when asked for.
/// Nothing in a file can make this take more memory than a small multiple of the file's size.
class Safetensors {
public:
    /// FileError if the file cannot be read, or breaks any rule of the format: what was expected, and what came.
    explicit Safetensors(std::string const& path) : Safetensors(Source(path)) {}
    /// The same of bytes in memory, which outlive the object.
    explicit Safetensors(std::span<std::byte const> bytes, std::string name = "memory")
        : Safetensors(Source(bytes, std::move(name))) {}

    std::string const& file() const { return source_.name(); }                    ///< its name
    std::vector<StoredTensor> const& tensors() const { return header_.tensors; }  ///< in the order of their bytes
    Metadata const& metadata() const { return header_.metadata; }                 ///< empty where there is none
    StoredTensor const* find(std::string_view name) const;                        ///< null where there is none

    /// The elements of a tensor of this file, of whatever type, as numbers of type T: rounded where T is narrower.
    /// `to` has as many as the tensor; ValueError otherwise.
    template <Real T> void read(StoredTensor const&, std::span<T> to) const;
    /// The same of vectors and texts.  FileError unless they are stored in exactly this type.
    void read_exactly(StoredTensor const&, Stored, std::span<std::byte> to) const;
    /// A tensor as an array of its shape.  NameError if there is none of this name.
    xt::xarray<double> array(std::string_view name) const;
    /// A tensor of integers or booleans, as lengths or classes are, its last axis fastest.  NameError; FileError if it is of real
    /// numbers, ValueError if an integer is too large.
    std::vector<Index> integers(std::string_view name) const;

private:
    StoredTensor const& at(std::string_view name) const;
    template <class T> bool read_integers(StoredTensor const&, std::span<T> to) const;  // false of real numbers
    explicit Safetensors(Source);
    template <class From, class T, class Convert> void read_as(StoredTensor const&, std::span<T> to, Convert) const;

    Source source_;
    std::uint64_t buffer_ = 0;  // where it begins
    Header header_;
    std::vector<std::uint32_t> by_name_;  // the tensors, sorted
};

/// A tensor to write: `data` are its elements, the last axis fastest, in memory that outlives the writing.
struct TensorView {
    std::string name;
    Stored type;
    std::vector<Index> shape;
    void const* data;
};

/// Writes a file: all of it, or, after an error, nothing (as AtomicFile does).  Tensors are in the order given, but those of
/// wider elements come first, so that all are aligned; the same tensors give the same bytes.  They are written from where
/// they are, without a copy.  FileError; NameError where a name is there twice or is not UTF-8.
void write_safetensors(std::string const&, std::span<TensorView const>, Metadata const& = {});
/// The bytes of such a file.
std::vector<std::byte> safetensors_bytes(std::span<TensorView const>, Metadata const& = {});

}  // namespace unspool::core

namespace unspool {

using core::Safetensors;

}  // namespace unspool
