// Knows formats by how their files begin.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/files/foreign.hpp>

namespace unspool::core {

namespace {

using namespace std::string_view_literals;

constexpr char const
    *torch = "safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")",
    *numpy = "safetensors.numpy.save_file(dict(numpy.load(\"model.npz\")), \"model.safetensors\")",
    *keras = "safetensors.numpy.save_file({w.path: w.numpy() for w in model.weights}, \"model.safetensors\")";

/// What it is, and what to do then.
struct Format {
    std::string what, then = {};
};

std::string beginning(Source const& source) {
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), 256)), '\0');
    source.read(0, std::as_writable_bytes(std::span(out)));
    return out;
}

/// Of what is in a zip, the first name tells who made it.
Format zip(std::string_view bytes) {
    constexpr std::size_t length_at = 26, name_at = 30;
    if (bytes.size() < name_at) return {"a zip archive"};
    auto const size             = static_cast<unsigned char>(bytes[length_at]);
    std::string_view const name = bytes.substr(name_at, size);
    if (name.ends_with(".npy")) return {"a zip of numpy (.npz)", fmt::format("in Python, {}", numpy)};
    if (name.ends_with(".json") || name.ends_with(".h5"))
        return {"a zip of Keras", fmt::format("in Python, {}", keras)};
    return {"a zip of PyTorch", fmt::format("in Python, {}", torch)};
}

Format binary(std::string_view bytes) {
    if (bytes.starts_with("PK\x03\x04"sv)) return zip(bytes);
    if (bytes.starts_with("\x93NUMPY"sv)) return {"an array of numpy (.npy)", fmt::format("in Python, {}", numpy)};
    if (bytes.starts_with("\x89HDF\r\n\x1a\n"sv))
        return {"HDF5, as Keras writes it", fmt::format("in Python, {}", keras)};
    if (bytes.starts_with("GGUF"sv)) return {"a file of llama.cpp (.gguf)"};
    if (bytes.starts_with("\x1f\x8b\x08"sv)) return {"compressed by gzip: gunzip it first"};
    return {};
}

Format pickle(std::string_view bytes) {
    if (bytes.size() > 1 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5)
        return {"a pickle of Python", fmt::format("load it there, and {}", torch)};
    return {};
}

/// The version of the format, which is its first field, and another field of a model.
bool is_onnx(std::string_view bytes) {
    return bytes.size() > 2 && bytes[0] == '\x08' && bytes[1] > 0 && bytes[1] < 64 &&
           "\x12\x1a\x22\x28\x32\x3a\x42"sv.find(bytes[2]) != bytes.npos;
}

bool is_safetensors(std::string_view bytes) { return bytes.size() > 8 && bytes.substr(4, 5) == "\0\0\0\0{"sv; }

/// No byte of it is a control character, but for what lies between words and lines.
bool all_text(std::string_view bytes) {
    auto const control = [](char c) { return (c >= 0 && c < ' ' && (c < '\t' || c > '\r')) || c == '\x7f'; };
    return bytes.size() >= 8 && bytes[0] > 0 && std::none_of(bytes.begin(), bytes.end(), control);
}

/// What a download may give in place of any file: a page, a pointer, a text.
std::string text_format(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.starts_with("version https://git-lfs"))
        return "a pointer of git-lfs: run `git lfs pull` where it was cloned";
    std::string low(text.substr(0, 16));
    for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (low.starts_with("<!doctype html") || low.starts_with("<html") || low.starts_with("<head"))
        return "a page in HTML: perhaps a login or an error in place of a download";
    if (low.starts_with("<?xml")) return "a text in XML: perhaps an error in place of a download";
    if (text.starts_with("{") || text.starts_with("[")) return "a text in JSON";
    return all_text(text) ? "a text" : "";
}

}  // namespace

std::string foreign_format(Source const& source) {
    std::string const all        = beginning(source);
    std::string_view const bytes = all;
    auto const told              = [](Format const& f) { return f.then.empty() ? f.what : f.what + ": " + f.then; };
    if (Format const f = binary(bytes); !f.what.empty()) return told(f);
    if (bytes.size() >= 8 && bytes.substr(4, 4) == "\0\0\0\0"sv)
        return "";  // it may be the length of a header that was cut off
    if (Format const f = pickle(bytes); !f.what.empty()) return told(f);
    if (is_onnx(bytes)) return "an ONNX file: read_onnx reads it";
    return text_format(bytes);
}

std::string format_beside_onnx(std::string_view bytes) {
    bytes = bytes.substr(0, 256);
    for (Format const& f : {binary(bytes), pickle(bytes)})
        if (!f.what.empty()) return f.what;
    if (is_safetensors(bytes)) return "a safetensors file: load reads it";
    return text_format(bytes);
}

}  // namespace unspool::core
