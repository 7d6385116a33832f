// Reads a vocabulary event by event: nlohmann's objects and lists cannot be destroyed without memory.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/json_text.hpp>
#include <unspool/nn/data/vocabulary_text.hpp>

namespace unspool::core {

namespace {

using Json = nlohmann::json;

/// One object, of flags, a text and a list of texts; what else is in it is passed over, unless it is an object or a list.
class Events final : public nlohmann::json_sax<Json> {
public:
    explicit Events(VocabularyText& out) : out_(out) {}

    bool null() override { return other("null"); }
    bool number_integer(number_integer_t) override { return other("a number"); }
    bool number_unsigned(number_unsigned_t) override { return other("a number"); }
    bool number_float(number_float_t, string_t const&) override { return other("a number"); }
    bool binary(binary_t&) override { return other("bytes"); }
    bool boolean(bool x) override {
        auto const flag = std::find_if(flags_.begin(), flags_.end(), [&](Flag const& f) { return f.name == key_; });
        if (flag == flags_.end()) return other("true or false");
        return *flag->to = x, flag->seen = true;
    }
    bool string(string_t& x) override {
        if (in_list_) return out_.symbols.push_back(std::move(x)), true;
        return key_ == "vocabulary" ? (out_.kind = std::move(x), true) : other("a text");
    }
    bool key(string_t& name) override { return key_ = std::move(name), true; }
    bool start_object(std::size_t) override {
        if (in_object_) refuse("an object");
        return in_object_ = true;
    }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override {
        if (listed_ || key_ != "symbols") refuse("a list");
        return in_list_ = listed_ = true;
    }
    bool end_array() override { return in_list_ = false, true; }
    bool parse_error(std::size_t at, std::string const&, nlohmann::detail::exception const&) override {
        throw ValueError(fmt::format("it is not JSON in UTF-8, as can be seen at byte {}", at));
    }

    void require_all() const {
        if (out_.kind.empty()) throw ValueError("it does not say what of");
        for (Flag const& f : flags_)
            if (!f.seen) throw ValueError(fmt::format("{} is missing", f.name));
        if (!listed_) throw ValueError("symbols are missing");
    }

private:
    struct Flag {
        std::string_view name;
        bool* to;
        bool seen = false;
    };

    [[noreturn]] void refuse(std::string_view what) const {
        throw ValueError(fmt::format("{} is not expected {}", what, place()));
    }
    std::string place() const {
        return !in_object_ ? "there" : in_list_ ? "among symbols" : "as " + json_text(key_.substr(0, 40));
    }
    bool other(std::string_view what) const {
        bool const known = key_ == "vocabulary" || key_ == "symbols" ||
                           std::any_of(flags_.begin(), flags_.end(), [&](Flag const& f) { return f.name == key_; });
        if (!in_object_ || known) refuse(what);
        return true;
    }

    VocabularyText& out_;
    std::array<Flag, 5> flags_{{{"padding", &out_.padding},
                                {"unknown", &out_.unknown},
                                {"keep_crlf", &out_.options.keep_crlf},
                                {"strict", &out_.options.strict},
                                {"newlines", &out_.options.newlines}}};
    std::string key_;
    bool in_object_ = false, in_list_ = false, listed_ = false;
};

}  // namespace

std::string text(VocabularyText const& v) {
    std::vector<std::string> symbols;
    for (std::string const& s : v.symbols) symbols.push_back(json_text(s));
    return fmt::format(
        "{{\n\"keep_crlf\": {},\n\"newlines\": {},\n\"padding\": {},\n\"strict\": {},\n\"symbols\": [{}{}{}],\n"
        "\"unknown\": {},\n\"vocabulary\": {}\n}}\n",
        v.options.keep_crlf, v.options.newlines, v.padding, v.options.strict, symbols.empty() ? "" : "\n",
        fmt::join(symbols, ",\n"), symbols.empty() ? "" : "\n", v.unknown, json_text(v.kind));
}

VocabularyText parse_vocabulary(std::string_view json) {
    VocabularyText out;
    Events events(out);
    Json::sax_parse(json.begin(), json.end(), &events);
    events.require_all();
    return out;
}

}  // namespace unspool::core
