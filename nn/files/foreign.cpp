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

std::string beginning(Source const& source) {
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), 256)), '\0');
    source.read(0, std::as_writable_bytes(std::span(out)));
    return out;
}

/// Of what is in a zip, the first name tells who made it.
std::string zip(std::string_view bytes) {
    constexpr std::size_t length_at = 26, name_at = 30;
    if (bytes.size() < name_at) return "a zip archive";
    auto const size             = static_cast<unsigned char>(bytes[length_at]);
    std::string_view const name = bytes.substr(name_at, size);
    if (name.ends_with(".npy")) return fmt::format("a zip of numpy (.npz): in Python, {}", numpy);
    if (name.ends_with(".json") || name.ends_with(".h5")) return fmt::format("a zip of Keras: in Python, {}", keras);
    return fmt::format("a zip of PyTorch: in Python, {}", torch);
}

}  // namespace

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
    return "";
}

std::string foreign_format(Source const& source) {
    std::string const all        = beginning(source);
    std::string_view const bytes = all;
    if (bytes.starts_with("PK\x03\x04"sv)) return zip(bytes);
    if (bytes.starts_with("\x93NUMPY"sv)) return fmt::format("an array of numpy (.npy): in Python, {}", numpy);
    if (bytes.starts_with("\x89HDF\r\n\x1a\n"sv)) return fmt::format("HDF5, as Keras writes it: in Python, {}", keras);
    if (bytes.starts_with("\x1f\x8b\x08"sv)) return "compressed by gzip: gunzip it first";
    if (bytes.size() >= 8 && bytes.substr(4, 4) == "\0\0\0\0"sv)
        return "";  // it may be the length of a header that was cut off
    if (bytes.size() > 1 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5)
        return fmt::format("a pickle of Python: load it there, and {}", torch);
    return text_format(bytes);
}

}  // namespace unspool::core
