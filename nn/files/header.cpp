// Parses headers event by event, so that what is not expected is refused before it takes memory.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/files/header.hpp>

namespace unspool::core {

namespace {

using Json = nlohmann::json;

struct Type {
    std::string_view name;
    std::size_t size;
};
constexpr std::array<Type, 13> types    = {{{"BOOL", 1},
                                            {"U8", 1},
                                            {"I8", 1},
                                            {"U16", 2},
                                            {"I16", 2},
                                            {"F16", 2},
                                            {"BF16", 2},
                                            {"U32", 4},
                                            {"I32", 4},
                                            {"F32", 4},
                                            {"U64", 8},
                                            {"I64", 8},
                                            {"F64", 8}}};
constexpr std::string_view metadata_key = "__metadata__";

/// The events of the parser.  `in_` is what is open, `key_` and `field_` are the names that a value is awaited for.
class Events final : public nlohmann::json_sax<Json> {
public:
    Events(Header& out, std::string_view file) : out_(out), file_(file) {}

    bool null() override { refuse("null"); }
    bool boolean(bool x) override { refuse(x ? "true" : "false"); }
    bool number_integer(number_integer_t x) override { refuse(fmt::format("{}", x)); }
    bool number_float(number_float_t, string_t const& digits) override { refuse(digits.substr(0, 40)); }
    bool binary(binary_t&) override { refuse("bytes"); }
    bool number_unsigned(number_unsigned_t) override;
    bool string(string_t&) override;
    bool key(string_t&) override;
    bool start_object(std::size_t) override;
    bool end_object() override;
    bool start_array(std::size_t) override;
    bool end_array() override;
    bool parse_error(std::size_t at, std::string const&, nlohmann::detail::exception const&) override {
        throw FileError(fmt::format("{}: the header is not JSON in UTF-8, as can be seen at byte {} of it", file_, at));
    }

private:
    enum class In { nothing, file, metadata, tensor, shape, offsets };

    std::string place() const;
    std::string_view expected() const;
    [[noreturn]] void refuse(std::string_view came) const {
        throw FileError(fmt::format("{}: {}: expected {}, not {}", file_, place(), expected(), came));
    }
    [[noreturn]] void twice(std::string_view name) const {
        throw FileError(fmt::format("{}: {}: {} is there twice", file_, place(), shown(name)));
    }
    bool awaits(std::string_view field) const { return in_ == In::tensor && field_ == field; }
    void push_size(std::uint64_t);
    void finish_tensor();

    Header& out_;
    std::string_view file_;
    In in_ = In::nothing;
    std::string key_, field_;
    StoredTensor tensor_;
    std::vector<std::uint64_t> offsets_;
    std::vector<std::string> seen_;  // fields of the tensor
    bool metadata_seen_ = false;
};

std::string Events::place() const {
    if (in_ == In::nothing || (in_ == In::file && key_.empty())) return "the header";
    return shown(in_ == In::file || in_ == In::metadata ? key_ : tensor_.name);
}

std::string_view Events::expected() const {
    if (in_ == In::metadata) return "text, as everywhere in __metadata__";
    if (in_ == In::shape || awaits("shape")) return "a shape, of numbers that are whole and not negative";
    if (in_ == In::offsets || awaits("data_offsets"))
        return "data_offsets, of two numbers that are whole and not negative";
    if (awaits("dtype")) return "a dtype as text";
    return in_ == In::tensor ? "dtype, shape and data_offsets, each once" : "an object";
}

bool Events::start_object(std::size_t) {
    if (in_ == In::nothing) return in_ = In::file, true;
    if (in_ != In::file) refuse("an object");
    if (key_ != metadata_key)
        return in_ = In::tensor, tensor_ = {}, tensor_.name = std::move(key_), seen_.clear(), true;
    if (std::exchange(metadata_seen_, true)) twice(metadata_key);
    return in_ = In::metadata, true;
}

bool Events::key(string_t& name) {
    if (in_ != In::tensor) return key_ = std::move(name), true;
    field_.clear();
    if (name != "dtype" && name != "shape" && name != "data_offsets") refuse(shown(name));
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) twice(name);
    seen_.push_back(field_ = name);
    return true;
}

bool Events::string(string_t& x) {
    if (in_ == In::metadata) {
        if (!out_.metadata.emplace(key_, std::move(x)).second) twice(key_);
        return true;
    }
    if (!awaits("dtype")) refuse(shown(x));
    auto const type = std::find_if(types.begin(), types.end(), [&](Type const& t) { return t.name == x; });
    if (type == types.end()) throw FileError(fmt::format("{}: {} has the unknown dtype {}", file_, place(), shown(x)));
    tensor_.type = static_cast<Stored>(type - types.begin());
    return true;
}

bool Events::start_array(std::size_t) {
    if (awaits("shape")) return in_ = In::shape, true;
    if (!awaits("data_offsets")) refuse("a list");
    return in_ = In::offsets, offsets_.clear(), true;
}

bool Events::number_unsigned(number_unsigned_t n) {
    if (in_ == In::shape) return push_size(n), true;
    if (in_ != In::offsets || offsets_.size() == 2) refuse(fmt::format("{}", n));
    offsets_.push_back(n);
    return true;
}

void Events::push_size(std::uint64_t n) {
    if (n > static_cast<std::uint64_t>(PTRDIFF_MAX)) refuse(fmt::format("{}", n));
    tensor_.shape.push_back(static_cast<Index>(n));
}

bool Events::end_array() {
    if (in_ == In::offsets && offsets_.size() != 2) refuse("fewer");
    return in_ = In::tensor, true;
}

bool Events::end_object() {
    if (in_ == In::tensor) finish_tensor();
    in_ = in_ == In::file ? In::nothing : In::file;
    key_.clear();
    return true;
}

void Events::finish_tensor() {
    field_.clear();
    if (seen_.size() != 3) refuse("fewer");
    tensor_.begin = offsets_[0], tensor_.end = offsets_[1];
    out_.tensors.push_back(std::move(tensor_));
}

/// Each tensor takes what its shape asks for.
void check_sizes(Header const& h, std::string_view file) {
    for (StoredTensor const& t : h.tensors) {
        std::uint64_t bytes = 0;
        if (!bytes_of(t.type, t.shape, bytes))
            throw FileError(fmt::format("{}: {}: no array can have the shape {}", file, shown(t.name), text(t.shape)));
        if (t.begin > t.end || t.end - t.begin != bytes)
            throw FileError(fmt::format("{}: {} is {} {}, of {} bytes, but its data_offsets are [{},{}]", file,
                                        shown(t.name), text(t.type), text(t.shape), bytes, t.begin, t.end));
    }
}

/// For tensors in the order of their bytes.
void check_cover(Header const& h, std::uint64_t buffer, std::string_view file) {
    std::uint64_t end = 0;
    for (StoredTensor const& t : h.tensors) {
        if (t.begin != end)
            throw FileError(fmt::format("{}: {} begins at byte {} of the buffer, expected {}: there is {}", file,
                                        shown(t.name), t.begin, end, t.begin > end ? "a hole" : "an overlap"));
        end = t.end;
    }
    if (end != buffer)
        throw FileError(fmt::format("{}: its tensors take {} bytes, but {} follow the header", file, end, buffer));
}

StoredTensor const* repeated(std::span<StoredTensor const> tensors) {
    std::vector<StoredTensor const*> by_name(tensors.size());
    std::iota(by_name.begin(), by_name.end(), tensors.data());
    std::sort(by_name.begin(), by_name.end(), [](auto* a, auto* b) { return a->name < b->name; });
    auto const at =
        std::adjacent_find(by_name.begin(), by_name.end(), [](auto* a, auto* b) { return a->name == b->name; });
    return at == by_name.end() ? nullptr : *at;
}

/// Without the padding, of which the parser would make a copy.  What the parser would let pass is refused here: it takes a
/// zero byte for the end of the text, and other white space for padding.
std::string_view without_padding(std::string_view json, std::string_view file) {
    if (!json.starts_with('{')) throw FileError(fmt::format("{}: the header begins with something else than {{", file));
    std::size_t const last = json.find_last_not_of(' ');
    if (json[last] != '}')
        throw FileError(fmt::format("{}: the header ends with something else than }} and spaces", file));
    if (json.find('\0') != json.npos) throw FileError(fmt::format("{}: there is a zero byte in the header", file));
    return json.substr(0, last + 1);
}

std::string in_quotes(std::string_view name) {
    try {
        return Json(name).dump();
    } catch (Json::exception const&) { throw NameError(fmt::format("{} is not UTF-8", shown(name))); }
}

}  // namespace

std::string_view text(Stored t) { return types[static_cast<std::size_t>(t)].name; }
std::size_t size_of(Stored t) { return types[static_cast<std::size_t>(t)].size; }

bool bytes_of(Stored type, std::span<Index const> shape, std::uint64_t& bytes) {
    bool const empty = std::find(shape.begin(), shape.end(), 0) != shape.end();  // wherever the 0 is
    bytes            = empty ? 0 : size_of(type);
    return std::all_of(shape.begin(), shape.end(), [&](Index n) {
        return n >= 0 && !__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(n), &bytes) && bytes <= PTRDIFF_MAX;
    });
}

std::string text(std::span<Index const> shape) {
    constexpr std::size_t most = 12;
    auto const some            = shape.first(std::min(shape.size(), most));
    return fmt::format("[{}{}]", fmt::join(some, ","),
                       shape.size() > most ? fmt::format(",… of {}", shape.size()) : "");
}

std::string shown(std::string_view name) {
    constexpr std::size_t most  = 80;
    std::string_view const some = name.substr(0, most);
    bool control                = false;  // of those that JSON lets pass
    utf8::each_character(some, [&](auto, char32_t c) { control |= c >= 0x7F && utf8::is_control(c); });
    std::string const out = Json(some).dump(-1, ' ', control, Json::error_handler_t::replace);
    return name.size() <= most ? out : fmt::format("{}… of {} bytes", out, name.size());
}

std::string shown_list(std::span<std::string const> names) {
    constexpr std::size_t most = 30;
    std::string out;
    for (auto const& n : names.first(std::min(names.size(), most))) out += (out.empty() ? "" : ", ") + shown(n);
    return names.size() <= most ? out : fmt::format("{} and {} more", out, names.size() - most);
}

std::string shown_change(std::span<std::string const> now, std::span<std::string const> before) {
    if (now.size() != before.size()) return fmt::format("there are {}, not {}", now.size(), before.size());
    auto const [a, b] = std::mismatch(now.begin(), now.end(), before.begin());
    return fmt::format("number {} is {}, not {}", a - now.begin() + 1, shown(*a), shown(*b));
}

Header parse_header(std::string_view json, std::uint64_t buffer, std::string_view file) {
    json = without_padding(json, file);
    Header out;
    Events events(out, file);
    Json::sax_parse(json.begin(), json.end(), &events);
    if (auto* t = repeated(out.tensors))
        throw FileError(fmt::format("{}: the tensor {} is there twice", file, shown(t->name)));
    check_sizes(out, file);
    std::stable_sort(out.tensors.begin(), out.tensors.end(),
                     [](auto& a, auto& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
    check_cover(out, buffer, file);
    return out;
}

std::string header_text(std::span<StoredTensor const> tensors, Metadata const& metadata, std::string_view file) {
    if (auto* t = repeated(tensors))
        throw NameError(fmt::format("{}: the tensor {} is there twice", file, shown(t->name)));
    std::vector<std::string> parts, texts;
    for (auto& [name, x] : metadata) texts.push_back(fmt::format("{}:{}", in_quotes(name), in_quotes(x)));
    if (!texts.empty()) parts.push_back(fmt::format("\"{}\":{{{}}}", metadata_key, fmt::join(texts, ",")));
    for (auto& t : tensors) {
        if (t.name == metadata_key) throw NameError(fmt::format("{}: no tensor can be called {}", file, metadata_key));
        parts.push_back(fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                                    in_quotes(t.name), text(t.type), fmt::join(t.shape, ","), t.begin, t.end));
    }
    std::string out = fmt::format("{{{}}}", fmt::join(parts, ","));
    out.append((8 - out.size() % 8) % 8, ' ');
    if (out.size() > Header::most)
        throw FileError(
            fmt::format("{}: the header would take {} bytes, the most is {}", file, out.size(), Header::most));
    return out;
}

}  // namespace unspool::core
