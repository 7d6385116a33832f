// Text: UTF-8, vocabularies, and a corpus in windows.
#include <filesystem>
#include <fstream>
#include <nn/cells.hpp>
#include <unspool/nn/files/entry.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

/// A file that is gone after the test.
struct Written {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool_text_{}_{}", getpid(), ++count);
    explicit Written(std::string const& contents = "") { std::ofstream(path, std::ios::binary) << contents; }
    ~Written() { fs::remove(path); }
    static inline int count = 0;
};

std::vector<std::string> characters(std::string const& text, TextOptions const& o = {}) {
    std::vector<std::string> out;
    std::size_t at = 0;
    for (auto c = next_character(text, at, o); !c.empty(); c = next_character(text, at, o)) out.emplace_back(c);
    return out;
}
std::vector<std::string> words(std::string const& text, TextOptions const& o = {}) {
    std::vector<std::string> out;
    std::string memory;
    std::size_t at = 0;
    for (auto c = next_word(text, at, memory, o); !c.empty(); c = next_word(text, at, memory, o)) out.emplace_back(c);
    return out;
}
using Texts = std::vector<std::string>;

std::string symbols_of(Vocabulary const& v) {
    std::string out;
    for (Index i = 0; i < v.size(); ++i) out += (i ? "," : "") + v[i];
    return out;
}

std::string const bad = "\xEF\xBF\xBD";

}  // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(is_read_by_code_points) {
    BOOST_TEST((characters("a\u00e4\u20ac\U0001F600z") == Texts{"a", "\u00e4", "\u20ac", "\U0001F600", "z"}));
    BOOST_TEST((characters("\0\x01\x7f"s) == Texts{"\0"s, "\x01", "\x7f"}));
    BOOST_TEST((characters("\xEF\xBB\xBFx\xEF\xBB\xBF") ==
                Texts{"x", "\xEF\xBB\xBF"}));  // a mark in the middle is a character
    BOOST_TEST((characters("a\r\nb\rc\n") == Texts{"a", "\n", "b", "\r", "c", "\n"}));
    BOOST_TEST((characters("a\r\n", {.keep_crlf = true}) == Texts{"a", "\r", "\n"}));
    BOOST_TEST(characters("").empty());
}

BOOST_AUTO_TEST_CASE(has_replacements_for_what_is_not_utf8) {
    for (std::string const& s : {"\xff"s, "\x80"s, "\xc3"s, "\xc0\x80"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s,
                                 "\xf4\x90\x80\x80"s, "\xf8\x88\x80\x80\x80"s, "\xe2\x82"s, "\xc1\xbf"s}) {
        Texts expected{"a"};
        expected.insert(expected.end(), s.size(), bad);
        expected.push_back("b");
        BOOST_TEST((characters("a" + s + "b") == expected));
        BOOST_TEST((words("x a" + s + "b") == Texts{"x", [&] {
                                                        std::string w = "a";
                                                        for (std::size_t i = 0; i < s.size(); ++i) w += bad;
                                                        return w + "b";
                                                    }()}));
        BOOST_CHECK_THROW(characters("a" + s + "b", {.strict = true}), ValueError);
    }
    BOOST_TEST(has(message<ValueError>([] { characters("ab\xff", {.strict = true}); }), "byte 2 of the text is 0xff"));
    BOOST_TEST(has(message<ValueError>([] { words("ab c\xff", {.strict = true}); }), "byte 4 of the text is 0xff"));
    BOOST_TEST((characters("\u0800\ud7ff\U0010FFFF", {.strict = true}).size() == 3u));  // the limits of the above
}

BOOST_AUTO_TEST_CASE(is_read_by_words) {
    BOOST_TEST((words(" The  cat,\tsat\r\n\r\non \u00e4\n") == Texts{"The", "cat,", "sat", "on", "\u00e4"}));
    BOOST_TEST((words("a b\r\n\nc", {.newlines = true}) == Texts{"a", "b", "\n", "\n", "c"}));
    BOOST_TEST((words("\xEF\xBB\xBFx") == Texts{"x"}));
    BOOST_TEST(words(" \n").empty());
}

BOOST_AUTO_TEST_CASE(file_is_read_as_it_is) {
    Written const file("a\0b"s), empty;
    BOOST_TEST((TextFile(file.path).read(0, 3) == "a\0b"s));
    BOOST_TEST((TextFile(file.path).read(1, 2) == "\0"s));
    BOOST_TEST(TextFile(empty.path).size() == 0u);
    BOOST_TEST(has(message<FileError>([] { TextFile("/nowhere/x"); }), "cannot read /nowhere/x: No such file"));
    BOOST_TEST(has(message<FileError>([] { TextFile("/"); }), "cannot read /: it is a folder"));
    BOOST_TEST(
        has(message<FileError>([] { TextFile("/dev/zero"); }), "cannot read /dev/zero: it is not a regular file"));
    BOOST_CHECK_THROW(TextFile(""), FileError);
}

// Pieces end anywhere: within a character, "\r\n", a word longer than a piece, or blanks.
BOOST_AUTO_TEST_CASE(of_a_file_is_that_in_memory) {
    Random random(3);
    for (int round = 0; round < 30; ++round) {
        std::string text = round % 2 ? "\xEF\xBB\xBF" : "";
        for (int i = 0; i < 3000; ++i) {
            text += Texts{"a", "\u00e4", "\r\n", "\r", "\U0001F600", "\xff", "\xe2\x82", "\xEF\xBB\xBF", "b c ", " "}
                [random.below(10)];
            if (random.below(200) == 0)
                text.append(random.below(40'000), Texts{"w", " ", "\x80", "\n"}[random.below(4)][0]);
        }
        Written const file(text);
        TextFile const whole(file.path);
        for (TextOptions const o : {TextOptions{}, TextOptions{.keep_crlf = true, .newlines = true}}) {
            auto const of_file = [&](SymbolKind kind) {
                SymbolStream symbols(whole, kind, o);
                Texts out;
                for (auto t = symbols.next(); !t.empty(); t = symbols.next())
                    out.emplace_back(t), symbols.keep_from_here();
                return out;
            };
            BOOST_TEST((of_file(SymbolKind::characters) == characters(text, o)));
            BOOST_TEST((of_file(SymbolKind::words) == words(text, o)));
        }
    }
    Written const file(std::string(50'000, 'a') + "\xff");
    BOOST_TEST(
        has(message<ValueError>([&] { Vocabulary::of_characters(TextFile(file.path), {.text = {.strict = true}}); }),
            "byte 50000 of the text is 0xff"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(vocabulary)

BOOST_AUTO_TEST_CASE(of_characters_is_in_the_order_of_unicode) {
    auto const v = Vocabulary::of_characters("ba\u20acb\u00e4", {.padding = true});
    BOOST_TEST(symbols_of(v) == "," + bad + ",a,b,\u00e4,\u20ac");
    BOOST_TEST((v.padding() == 0 && v.unknown() == 1));
    BOOST_TEST(v.contains("\u00e4"));
    BOOST_TEST(!v.contains("z"));
    BOOST_TEST(v.encode("a\u20acz") == (Symbols{2, 5, 1}), boost::test_tools::per_element());
    BOOST_TEST(v.decode(Symbols{2, 0, 5, 1}) == "a\u20ac" + bad);
    BOOST_TEST(has(message<IndexError>([&] { v.decode(Symbols{6}); }),
                   "6 is not the number of a symbol: the vocabulary has 6"));
    BOOST_CHECK_THROW(v[-1], IndexError);
}

BOOST_AUTO_TEST_CASE(of_words_has_the_frequent_ones_first) {
    std::string const text = "b a c a\nb d e a";
    BOOST_TEST(symbols_of(Vocabulary::of_words(text)) == "<unk>,a,b,c,d,e");
    BOOST_TEST(symbols_of(Vocabulary::of_words(text, {.min_count = 2})) == "<unk>,a,b");
    auto const v = Vocabulary::of_words(text, {.most = 3, .padding = true, .text = {.newlines = true}});
    BOOST_TEST(symbols_of(v) == ",<unk>,a,b,\n");
    BOOST_TEST(v.decode(v.encode("a b\na x")) == "a b\na <unk>");
    BOOST_TEST(v.decode(Symbols{2, 0, 3}) == "a b");  // padding is nothing, not even a blank
    Written const file(text);
    BOOST_TEST(symbols_of(Vocabulary::of_words(TextFile(file.path), {.min_count = 2})) == "<unk>,a,b");
    BOOST_TEST(symbols_of(Vocabulary::of_characters(TextFile(file.path))) ==
               symbols_of(Vocabulary::of_characters(text)));
    auto const real = Vocabulary::of_words("<unk> x");  // a word that is written like the symbol for unknown ones
    BOOST_TEST(real["<unk>"] != *real.unknown());
}

BOOST_AUTO_TEST_CASE(without_unknown_refuses_other_symbols) {
    auto const v = Vocabulary::of_characters("ab", {.unknown = false});
    BOOST_TEST(v.size() == 2);
    BOOST_TEST(has(message<NameError>([&] { v.encode("abc"); }), "\"c\" is not in the vocabulary of 2 symbols"));
    auto const words = Vocabulary::of_words("a", {.unknown = false});
    BOOST_TEST(
        has(message<NameError>([&] { words.encode("x\0\x1b"s + std::string(1'000'000, 'y')); }), "\"x\\u0000\\u001b"));
    BOOST_TEST(message<NameError>([&] { words.encode(std::string(1'000'000, 'y')); }).size() < 300u);
    BOOST_CHECK_THROW(Vocabulary::of_words("a", {.min_count = 0}), ValueError);
    BOOST_CHECK_THROW(Vocabulary::of_words("a", {.most = -1}), ValueError);
    BOOST_TEST(Vocabulary::of_words("").size() == 1);
}

BOOST_AUTO_TEST_CASE(comes_back_from_a_file_with_every_symbol) {
    std::string all;
    for (char32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 977) {
        if (c >= 0xD800 && c < 0xE000) continue;
        if (c < 0x80) all += static_cast<char>(c);
        else if (c < 0x800) all += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
        else if (c < 0x10000)
            all += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                    static_cast<char>(0x80 | (c & 63))};
        else
            all += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
                    static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
    Written const file;
    auto const v = Vocabulary::of_characters(all, {.padding = true, .text = {.strict = true}});
    BOOST_TEST(v.size() > 0x3000);
    v.save(file.path);
    auto const w = Vocabulary::load(file.path);
    BOOST_TEST((symbols_of(v) == symbols_of(w) && v.padding() == w.padding() && v.unknown() == w.unknown()));
    BOOST_TEST((w.decode(w.encode(all)) == all));
    BOOST_CHECK_THROW(w.encode("\xff"), ValueError);  // strict still

    auto const words =
        Vocabulary::of_words("a\\ \"b\" c/\u00e4 \x01 \xff\na", {.unknown = false, .text = {.newlines = true}});
    words.save(file.path);
    BOOST_TEST(symbols_of(words) == symbols_of(Vocabulary::load(file.path)));
    BOOST_TEST(Vocabulary::load(file.path).encode("\n").size() == 1u);
    BOOST_CHECK_THROW(words.save("/nowhere/x"), FileError);
}

BOOST_AUTO_TEST_CASE(refuses_files_of_something_else) {
    auto loaded = [](std::string const& contents) {
        Written const file(contents);
        return message<FileError>([&] { Vocabulary::load(file.path); });
    };
    auto const of = [](std::string const& kind, std::string const& symbols) {
        return R"({"vocabulary":")" + kind +
               R"(","padding":false,"unknown":true,"keep_crlf":false,"strict":false,"newlines":false,"symbols":)" +
               symbols + "}";
    };
    auto const good = of("characters", R"(["a","\n"])");
    BOOST_TEST(loaded(good) == "nothing of the kind was thrown");
    for (std::size_t n = 0; n < good.size(); ++n) BOOST_TEST(has(loaded(good.substr(0, n)), "is not a vocabulary"));
    BOOST_TEST(has(loaded(of("lemmas", "[]")), "it is of \"lemmas\""));
    BOOST_TEST(has(loaded(of("characters", R"(["ab"])")), "\"ab\" is not a symbol"));
    BOOST_TEST(has(loaded(of("characters", R"([""])")), "\"\" is not a symbol"));
    BOOST_TEST(has(loaded(of("words", R"(["ab","ab"])")), "\"ab\" is in it twice"));
    BOOST_TEST(has(loaded(of("words", R"([1])")), "is not a vocabulary"));
    for (std::string const& bad :
         {of(std::string(1'000'000, 'x'), "[]"), of("characters", "[\"" + std::string(1'000'000, 'x') + "\"]"),
          "\"" + std::string(1'000'000, 'x'), of("words", std::string(1'000'000, '['))})
        BOOST_TEST(loaded(bad).size() < 1000u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(corpus)

namespace {

Symbols first_numbers(Index n) {
    Symbols out;
    for (Index i = 0; i < n; ++i) out.push_back(i);
    return out;
}

using Windows = std::vector<Batch<Symbols, Symbols>>;
Windows rest(Corpus& c) {
    Windows out;
    for (auto const& w : c.epoch()) out.push_back(w);
    return out;
}
bool same(Windows const& a, Windows const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto& x, auto& y) {
        return x.inputs == y.inputs && x.targets == y.targets && x.number == y.number;
    });
}

}  // namespace

BOOST_AUTO_TEST_CASE(streams_go_on_from_window_to_window) {
    Corpus c(first_numbers(12), {.streams = 2, .steps = 3});  // 5 steps for each of two streams
    auto const w = rest(c);
    BOOST_REQUIRE(w.size() == 2u);
    BOOST_TEST(c.batches() == 2);
    BOOST_TEST((w[0].inputs == xt::xtensor<Index, 2>{{0, 5}, {1, 6}, {2, 7}}));
    BOOST_TEST((w[0].targets == xt::xtensor<Index, 2>{{1, 6}, {2, 7}, {3, 8}}));
    BOOST_TEST((w[1].inputs == xt::xtensor<Index, 2>{{3, 8}, {4, 9}}));
    BOOST_TEST((w[1].targets == xt::xtensor<Index, 2>{{4, 9}, {5, 10}}));
    BOOST_TEST(w[1].number == 1);
    BOOST_TEST(w[1].weight() == 4);
    BOOST_TEST(same(rest(c), w));  // the next epoch is the same again
    Corpus dropping(first_numbers(12), {.streams = 2, .steps = 3, .drop_last = true});
    BOOST_TEST(rest(dropping).size() == 1u);
    Corpus whole(first_numbers(11), {.streams = 2, .steps = 5});  // nothing is left over
    BOOST_TEST(rest(whole).size() == 1u);
    Corpus batch_first(first_numbers(12), {.streams = 2, .steps = 3, .batch_first = true});
    BOOST_TEST((rest(batch_first)[0].part(1, 2).targets == xt::xtensor<Index, 2>{{6, 7, 8}}));
}

BOOST_AUTO_TEST_CASE(of_a_file_is_that_in_memory) {
    std::string text = "\xEF\xBB\xBF";
    Random random(1);
    for (int i = 0; i < 9000; ++i)
        text += Texts{"a", "\u00e4", "\r\n", "\U0001F600", "\xff", "b c ", " "}[random.below(7)];
    Written const file(text);
    for (auto const& v : {Vocabulary::of_characters(text), Vocabulary::of_words(text, {.text = {.newlines = true}})})
        for (Index streams : {1, 7}) {
            Corpus a(v.encode(text), {.streams = streams, .steps = 50}),
                b(TextFile(file.path), v, {.streams = streams, .steps = 50});
            BOOST_TEST(a.symbols() == b.symbols());
            BOOST_TEST(same(rest(a), rest(b)));
            BOOST_TEST(same(rest(a), rest(b)));
        }
}

BOOST_AUTO_TEST_CASE(goes_on_where_it_was_saved) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += static_cast<char>('a' + i * i % 26);
    Written const file(text);
    auto const v = Vocabulary::of_characters(text);
    Corpus a(TextFile(file.path), v, {.streams = 3, .steps = 10}),
        b(TextFile(file.path), v, {.streams = 3, .steps = 10});
    rest(a);
    for (int i = 0; i < 130; ++i) a.next();
    Fields from, to;
    a.fields(from), b.fields(to);
    for (std::size_t i = 0; i < from.all().size(); ++i)
        *std::get<BoundedIndex>(to.all()[i].field).at = *std::get<BoundedIndex>(from.all()[i].field).at;
    BOOST_TEST(same(rest(a), rest(b)));
    BOOST_TEST(a.epoch_number() == 2);
    BOOST_TEST(b.epoch_number() == 2);
    auto const& window = std::get<BoundedIndex>(to.all().back().field);
    BOOST_TEST(window.high == a.batches());
    auto const& symbols = std::get<BoundedIndex>(to.all().front().field);
    BOOST_TEST((symbols.low == 5000 && symbols.high == 5000));
}

namespace {

/// What a corpus says of a file of `before` that holds something else by the time it is read; windows of 2 streams.
std::string after(std::string const& before, std::function<void(fs::path const&)> const& change,
                  int windows_before = 3) {
    Written const file(before);
    auto const v = Vocabulary::of_characters(before, {.unknown = false});
    Corpus corpus(TextFile(file.path), v, {.streams = 2, .steps = 50});
    for (int i = 0; i < windows_before; ++i) corpus.next();
    change(file.path);
    auto const error = message<FileError>([&] {
        for (int epoch = 0; epoch < 2; ++epoch)
            while (corpus.next()) {}
    });
    Fields fields;  // the window that failed is the next one still
    corpus.fields(fields);
    bool const failed = error != "nothing of the kind was thrown";
    return failed && *std::get<BoundedIndex>(fields.all().back().field).at < windows_before ? "the position is lost"
                                                                                            : error;
}

void overwrite(fs::path const& path, std::string const& contents) { std::ofstream(path, std::ios::binary) << contents; }

}  // namespace

BOOST_AUTO_TEST_CASE(refuses_a_file_that_changes_under_it) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += Texts{"a", "\u00e4", "\r\n", "b"}[static_cast<std::size_t>(i * i / 3 % 4)];
    for (int begin : {0, 3, 150}) {
        BOOST_TEST(has(after(
                           text, [&](auto& p) { fs::resize_file(p, text.size() / 2); }, begin),
                       "it had"));
        BOOST_TEST(has(after(
                           text, [&](auto& p) { fs::resize_file(p, 0); }, begin),
                       "it had"));
        BOOST_TEST(has(after(
                           text, [&](auto& p) { std::ofstream(p, std::ios::app) << "more"; }, begin),
                       "when it was opened, and has"));
        BOOST_TEST(has(after(
                           text, [](auto& p) { fs::remove(p); }, begin),
                       "it was deleted, or replaced by another one"));
        BOOST_TEST(has(after(
                           text,
                           [&](auto& p) {
                               Written const other(text);
                               fs::rename(other.path, p);
                           },
                           begin),
                       "it was deleted, or replaced by another one"));
        BOOST_TEST(has(after(
                           text, [&](auto& p) { overwrite(p, std::string(text.size(), 'a')); }, begin),
                       "changed since it was opened"));
        BOOST_TEST(has(after(
                           text, [&](auto& p) { overwrite(p, std::string(text.size(), '\xff')); }, begin),
                       "changed since it was opened"));
    }
    BOOST_TEST(after(text, [](auto&) {}) == "nothing of the kind was thrown");
}

// Whatever clocks say: those of some file systems count seconds.
BOOST_AUTO_TEST_CASE(knows_the_bytes_that_it_has_counted) {
    std::string text(9000, 'a'), other = text;
    other[5000]  = 'b';
    auto const v = after(text, [&](auto& p) {
        auto const then = fs::last_write_time(p);
        overwrite(p, other);
        fs::last_write_time(p, then);
    });
    BOOST_TEST(has(v, "bytes 4096 to 5120 have been changed since it was opened"));
}

BOOST_AUTO_TEST_CASE(refuses_too_little_text) {
    BOOST_TEST(has(message<ValueError>([] { Corpus(first_numbers(4), {.streams = 4}); }),
                   "Corpus: 4 symbols are too few for 4 streams of 1 steps"));
    Corpus(first_numbers(5), {.streams = 4});
    BOOST_CHECK_THROW(Corpus(first_numbers(8), {.streams = 2, .steps = 4, .drop_last = true}), ValueError);
    BOOST_CHECK_THROW(Corpus({}, {}), ValueError);
    BOOST_TEST(has(message<ValueError>([] { Corpus(first_numbers(5), {.streams = 0}); }),
                   "streams is 0, but must be at least 1"));
    BOOST_CHECK_THROW(Corpus(first_numbers(5), {.steps = 0}), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
