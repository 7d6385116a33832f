// Sound in files: "Multimedia programming interface and data specifications 1.0" (IBM and Microsoft, 1991).
#include "wav.hpp"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string_view>
#include <unspool/autograd/system/atomic_file.hpp>

namespace speech {

namespace {

/// Little-endian numbers, whatever the processor.
std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t out = 0;
    for (std::size_t i = size; i-- > 0;) out = out << 8 | static_cast<unsigned char>(bytes[at + i]);
    return out;
}

std::string bytes_of(std::uint32_t number, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(number >> 8 * i & 0xff);
    return out;
}

/// A file in chunks: a name of four letters, a size, and so many bytes, filled up to an even number.
class Chunks {
public:
    explicit Chunks(std::filesystem::path const& file) : name_(file.string()), bytes_(read_whole(file)) {
        if (!bytes_.starts_with("RIFF") || bytes_.size() < 12 || bytes_.substr(8, 4) != "WAVE")
            refuse("this is no RIFF file of sound");
    }
    std::string_view operator[](std::string_view wanted) const {
        std::string_view const all = bytes_;
        for (std::size_t at = 12; at + 8 <= all.size();) {
            std::size_t const size = number(all, at + 4, 4), left = all.size() - at - 8;
            if (all.substr(at, 4) == wanted && size > left)
                refuse(fmt::format("its chunk \"{}\" should have {} bytes, but the file ends after {}", wanted, size,
                                   left));
            if (all.substr(at, 4) == wanted) return all.substr(at + 8, size);
            at += 8 + std::min(size + size % 2, left);
        }
        refuse(fmt::format("it has no chunk \"{}\"", wanted));
    }
    [[noreturn]] void refuse(std::string const& what) const { throw FileError(name_ + ": " + what); }

private:
    std::string name_, bytes_;
};

void require_format(Chunks const& file) {
    constexpr std::uint32_t pcm = 1, extensible = 0xfffe;
    std::string_view const format = file["fmt "];
    if (format.size() < 16) file.refuse("its chunk \"fmt \" is too short");
    auto const has = [&](char const* what, std::uint32_t is, std::uint32_t wanted) {
        if (is != wanted) file.refuse(fmt::format("{} {}, but only {} can be read", is, what, wanted));
    };
    std::uint32_t const kind = number(format, 0, 2);
    has("is the number of its coding", kind == extensible && format.size() >= 26 ? number(format, 24, 2) : kind, pcm);
    has("channels", number(format, 2, 2), 1);
    has("samples a second", number(format, 4, 4), sample_rate);
    has("bits a sample", number(format, 14, 2), 16);
}

}  // namespace

Sound read_wav(std::filesystem::path const& path) {
    Chunks const file(path);
    require_format(file);
    std::string_view const data = file["data"];
    if (data.empty() || data.size() % 2 != 0) file.refuse(fmt::format("{} bytes are no samples", data.size()));
    Sound out;
    for (std::size_t at = 0; at < data.size(); at += 2)
        out.push_back(static_cast<float>(static_cast<std::int16_t>(number(data, at, 2))) / 32768);
    return out;
}

void write_wav(std::filesystem::path const& path, Sound const& sound) {
    auto const size  = static_cast<std::uint32_t>(2 * sound.size());
    std::string file = "RIFF" + bytes_of(36 + size, 4) + "WAVEfmt " + bytes_of(16, 4) + bytes_of(1, 2) +
                       bytes_of(1, 2) + bytes_of(sample_rate, 4) + bytes_of(2 * sample_rate, 4) + bytes_of(2, 2) +
                       bytes_of(16, 2) + "data" + bytes_of(size, 4);
    for (float x : sound) {
        float const level = std::round(32768 * std::clamp(x, -1.0F, 32767.0F / 32768));
        file += bytes_of(static_cast<std::uint32_t>(static_cast<std::int32_t>(level)), 2);
    }
    write_whole(path, file);
}

}  // namespace speech
