// Text in UTF-8.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unspool/autograd/error.hpp>
#include <unspool/autograd/utf8.hpp>
#include <unspool/nn/data/text.hpp>
#include <utility>

namespace unspool {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF", replacement = "\xEF\xBF\xBD", blanks = " \t\n\r\v\f";

void skip_byte_order_mark(std::string_view text, std::size_t& at) {
    if (at == 0 && text.starts_with(byte_order_mark)) at = byte_order_mark.size();
}

[[noreturn]] void not_utf8(std::string_view text, std::size_t at) {
    throw ValueError(fmt::format("byte {} of the text is 0x{:02x}, which is not UTF-8 there", at, static_cast<unsigned char>(text[at])));
}

// Whether the piece of text is as it would be read: valid, and without carriage returns to be dropped.
std::string_view cleaned(std::string_view piece, std::string_view text, std::size_t begin, std::string& memory,
                         TextOptions const& options) {
    memory.clear();
    for (std::size_t at = 0; at < piece.size();) {
        std::size_t const n = utf8::first(piece.substr(at)).length;
        if (n == 0 && options.strict) not_utf8(text, begin + at);
        memory += n == 0 ? replacement : piece.substr(at, n);
        at += std::max<std::size_t>(n, 1);
    }
    return memory;
}

bool is_ascii(std::string_view s) {
    for (char c : s)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

}  // namespace

std::string_view next_character(std::string_view text, std::size_t& at, TextOptions const& options) {
    skip_byte_order_mark(text, at);
    if (at >= text.size()) return {};
    std::string_view const rest = text.substr(at);
    if (!options.keep_crlf && rest.starts_with("\r\n")) return at += 2, rest.substr(1, 1);
    std::size_t const n = utf8::first(rest).length;
    if (n == 0 && options.strict) not_utf8(text, at);
    at += std::max<std::size_t>(n, 1);
    return n == 0 ? replacement : rest.substr(0, n);
}

std::string_view next_word(std::string_view text, std::size_t& at, std::string& memory, TextOptions const& options) {
    skip_byte_order_mark(text, at);
    for (; at < text.size() && blanks.find(text[at]) != blanks.npos; ++at)
        if (options.newlines && text[at] == '\n') return text.substr(at++, 1);
    std::size_t const begin = at;
    at                      = std::min(text.find_first_of(blanks, begin), text.size());
    auto const word         = text.substr(begin, at - begin);
    return is_ascii(word) ? word : cleaned(word, text, begin, memory, options);
}

namespace {

struct Descriptor {
    int number;
    explicit Descriptor(int n) : number(n) {}
    ~Descriptor() {
        if (number >= 0) close(number);
    }
    Descriptor(Descriptor const&)            = delete;
    Descriptor& operator=(Descriptor const&) = delete;
};

[[noreturn]] void cannot_read(std::filesystem::path const& path, char const* why) {
    throw FileError(fmt::format("cannot read {}: {}", path.empty() ? "\"\"" : path.string(), why));
}

}  // namespace

TextFile::TextFile(std::filesystem::path const& path) : path_(path) {
    Descriptor const file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe without a writer must not block
    struct stat      about {};
    if (file.number < 0 || fstat(file.number, &about) != 0) cannot_read(path, std::strerror(errno));
    if (!S_ISREG(about.st_mode)) cannot_read(path, "it is not a regular file");
    auto const size = static_cast<std::size_t>(about.st_size);
    if (size == 0) return;  // which mmap refuses
    void* const data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (data == MAP_FAILED) cannot_read(path, std::strerror(errno));
    bytes_ = {static_cast<char const*>(data), size};
}

TextFile::~TextFile() {
    if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

TextFile::TextFile(TextFile&& other) noexcept : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

TextFile& TextFile::operator=(TextFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

}  // namespace unspool
