// The programs of tutorials on recurrent networks: each reaches its figure, and misses it when it has hardly learned.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <language_model/text.hpp>
#include <numbers>
#include <speech/frames.hpp>
#include <speech/utterances.hpp>
#include <speech/voice.hpp>
#include <sstream>
#include <translation/sentences.hpp>
#include <translation/translator.hpp>
#include <unspool/nn/recurrence/gradcheck.hpp>

namespace fs = std::filesystem;
using namespace unspool;

namespace {

int exit_of(std::string const& command) {
    int const status = std::system((UNSPOOL_EXAMPLES_DIR "/" + command + " > /dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A folder that is gone after the test.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("unspool_classics_" + std::to_string(getpid()));

    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }

    fs::path file(std::string const& name, std::string const& bytes) const {
        std::ofstream(path / name, std::ios::binary) << bytes;
        return path / name;
    }
};

std::string bytes_of(fs::path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> words_in(std::string const& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

/// Two sentences of unequal length; the numbers of words are below 12, and 11 is the end.
translation::Sentences two_sentences(Symbols first = {3, 4, 11}, Symbols second = {5, 6, 7, 8, 11}) {
    Sequences<Symbols, Symbols> some{{{1, 2, 3, 4}, {9, 8}}, {std::move(first), std::move(second)}};
    return *SequenceBatches(std::move(some), {.size = 2, .shuffle = false, .aligned = false}).next();
}

/// What an error says of a file of sound.
std::string refused(fs::path const& file) {
    try {
        speech::read_wav(file);
    } catch (FileError const& e) { return e.what(); }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classics)

BOOST_AUTO_TEST_CASE(surnames_are_told_and_written) {
    BOOST_TEST(exit_of("23_surnames --at-least 0.9 --at-most 1.4") == 0);
    BOOST_TEST(exit_of("23_surnames --at-least 0.9 --iterations 500") == 1);
    BOOST_TEST(exit_of("23_surnames --at-most 1.4 --iterations 500") == 1);
}

BOOST_AUTO_TEST_CASE(words_are_told) {
    BOOST_TEST(exit_of("24_language_model --at-most 6.3 --window 5 --epochs 3") == 0);
    BOOST_TEST(exit_of("24_language_model --at-most 6.3 --epochs 1") == 1);
}

BOOST_AUTO_TEST_CASE(the_grammar_agrees_with_itself) {
    auto const text = language_model::made_up_text(500, 4);
    std::istringstream lines(text.learned);
    int seen = 0;
    for (std::string line; std::getline(lines, line); ++seen) {
        BOOST_TEST(line.ends_with(" ."), line);
        for (char const* wrong : {"every dogs", "many cat ", "these child ", "this children"})
            BOOST_TEST(line.find(wrong) == line.npos, line);
        if (line.find(" that ") != line.npos) continue;  // else the verb's subject is the word before
        for (char const* wrong : {"dogs sleeps", "dog sleep ", "children hears", "child hear "})
            BOOST_TEST(line.find(wrong) == line.npos, line);
    }
    BOOST_TEST(seen == 500);
    BOOST_TEST(std::count(text.held_out.begin(), text.held_out.end(), '\n') == 50);
}

// A sentence has 15.517 nats and 9.26 words, its end among them, where things have 4.855 and 2.4, and doing something to them 7.340 and 3.4.
BOOST_AUTO_TEST_CASE(the_grammar_knows_how_improbable_it_is) {
    BOOST_TEST(*language_model::made_up_text(20'000, 1).perplexity == std::exp(15.517 / 9.26),
               boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(a_text_is_cut_at_a_line) {
    Folder const folder;
    auto const text = language_model::read_text(folder.file("a.txt", "a b\nc d\ne f\ng h\ni j\nk l\n"));
    BOOST_TEST(text.learned + text.held_out == "a b\nc d\ne f\ng h\ni j\nk l\n");
    BOOST_TEST(text.held_out == "k l\n");
    BOOST_CHECK_THROW(language_model::read_text(folder.file("b.txt", "")), FileError);
}

BOOST_AUTO_TEST_CASE(sentences_are_translated) {
    BOOST_TEST(exit_of("25_translation --at-least 0.9") == 0);
    BOOST_TEST(exit_of("25_translation --at-least 0.9 --epochs 1") == 1);
}

BOOST_AUTO_TEST_CASE(the_grammar_of_both_languages) {
    auto const pairs = translation::made_up_pairs(1000, 3);
    BOOST_TEST(pairs.learned.size() == 900U);
    for (auto const& [from, to] : pairs.learned) {
        auto const french = words_in(from), english = words_in(to);
        bool const denied = std::count(french.begin(), french.end(), "pas") == 1;
        BOOST_TEST((std::count(english.begin(), english.end(), "not") == 1) == denied, from << " = " << to);
        for (char const* wrong : {"un maison", "une chat", "le fleur", "la livre", "il suis", "je voit", "ne est"})
            BOOST_TEST((" " + from).find(std::string(" ") + wrong) == from.npos, from);
        for (char const* wrong : {"he see ", "they sees", "does not sees", "i is"})
            BOOST_TEST((" " + to).find(std::string(" ") + wrong) == to.npos, to);
    }
    for (auto const& unseen : pairs.held_out)
        for (auto const& seen : pairs.learned) BOOST_REQUIRE(seen.from != unseen.from);
}

BOOST_AUTO_TEST_CASE(pairs_are_read_and_made_plain) {
    BOOST_TEST(translation::plain("  Va-t'en, \xC3\xA0 5 h!") == "va t en \xC3\xA0 5 h !");
    Folder const folder;
    std::string lines;
    for (int i = 0; i < 10; ++i) lines += "Go " + std::to_string(i) + ".\tVa " + std::to_string(i) + ".\tCC-BY\n";
    auto const file  = folder.file("a.tsv", lines + "one two three four\tun\n");
    auto const pairs = translation::read_pairs(file, true, 3, 1);
    BOOST_TEST(pairs.learned.size() == 9U);
    BOOST_TEST(pairs.learned[0].from.starts_with("va "));
    BOOST_TEST(pairs.learned[0].to.ends_with(" ."));
    BOOST_CHECK_THROW(translation::read_pairs(folder.file("b.tsv", "no tab\n"), false, 3, 1), FileError);
}

BOOST_AUTO_TEST_CASE(gradients_of_the_translator) {
    Params params(1, float64);
    translation::Translator const model(params, 10, 12, 3);
    auto const batch = two_sentences();
    BOOST_TEST(gradcheck(
        params, [&](Tape& tape) { return cross_entropy(model.taught(tape, batch, 11, nullptr), batch.targets); }));
}

// What it says is what it finds most likely when it is taught with just that.
BOOST_AUTO_TEST_CASE(the_translator_runs_freely_as_it_was_taught) {
    Params params(3);
    translation::Translator const model(params, 10, 12, 8);
    for (Param* p : params.all()) nn::init::normal(*p, params.random(), 0, 1);
    Tape tape;
    auto const said = model.said(tape, two_sentences(), 11, 5);
    Symbols first, second;
    for (std::size_t t = 0; t < 5; ++t) first.push_back(said(t, 0)), second.push_back(said(t, 1));
    auto const again = argmax(model.taught(tape, two_sentences(first, second), 11, nullptr)).numbers;
    BOOST_TEST(std::vector<Index>(again.begin(), again.end()) == std::vector<Index>(said.begin(), said.end()),
               boost::test_tools::per_element());
    BOOST_TEST((first != second));
}

BOOST_AUTO_TEST_CASE(digits_are_understood) {
    BOOST_TEST(exit_of("26_speech --at-most 0.05") == 0);
    BOOST_TEST(exit_of("26_speech --at-most 0.05 --epochs 2") == 1);
}

BOOST_AUTO_TEST_CASE(sounds_come_back_from_files) {
    Folder const folder;
    speech::Sound const sound{0, 0.5F, -0.25F, -1, 32767.0F / 32768, 1.0F / 32768};
    speech::write_wav(folder.path / "a.wav", sound);
    BOOST_TEST(speech::read_wav(folder.path / "a.wav") == sound, boost::test_tools::per_element());
    speech::write_wav(folder.path / "b.wav", {2, -2});
    BOOST_TEST(speech::read_wav(folder.path / "b.wav") == (speech::Sound{32767.0F / 32768, -1}),
               boost::test_tools::per_element());

    // A chunk of an odd size before the samples, and something behind them.
    std::string file = bytes_of(folder.path / "a.wav");
    file.insert(36, std::string("LIST\3\0\0\0abc\0", 12)), file += "more";
    BOOST_TEST(speech::read_wav(folder.file("c.wav", file)) == sound, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_of_other_sounds_say_what_they_are) {
    Folder const folder;
    speech::write_wav(folder.path / "a.wav", {0, 0, 0, 0});
    std::string const good = bytes_of(folder.path / "a.wav");
    auto const says        = [&](std::string const& bytes, std::string const& what) {
        std::string const said = refused(folder.file("b.wav", bytes));
        BOOST_TEST(said.find(what) != said.npos, what << " is not in \"" << said << '"');
    };
    auto const with = [&](std::size_t at, int value) {
        std::string out = good;
        out[at]         = static_cast<char>(value);
        return out;
    };
    says("", "no RIFF file");
    says("RIFX" + good.substr(4), "no RIFF file");
    says(with(20, 3), "3 is the number of its coding, but only 1");
    says(with(22, 2), "2 channels");
    says(with(24, 0x41), "8001 samples a second");
    says(with(34, 8), "8 bits a sample");
    says(with(40, 9), "should have 9 bytes, but the file ends after 8");
    says(with(40, 7), "7 bytes are no samples");
    says(good.substr(0, 30), "\"fmt \" should have 16 bytes");
    says(good.substr(0, 36), "no chunk \"data\"");
    for (std::size_t n = 0; n < good.size(); ++n) BOOST_TEST(refused(folder.file("c.wav", good.substr(0, n))) != "", n);
}

BOOST_AUTO_TEST_CASE(a_fourier_transform_is_its_sum) {
    Random random(1);
    std::vector<std::complex<double>> x(8), y(8);
    for (auto& z : x) z = {random.normal(), random.normal()};
    for (std::size_t k = 0; k < 8; ++k)
        for (std::size_t t = 0; t < 8; ++t)
            y[k] += x[t] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * t) / 8);
    speech::fourier(x);
    for (std::size_t k = 0; k < 8; ++k) BOOST_TEST(std::abs(x[k] - y[k]) < 1e-12);
}

// A tone is where it is on the scale: 1,000 Hz are 1,000 mel, of the 2,146 that 4,000 Hz are.
BOOST_AUTO_TEST_CASE(a_tone_is_in_its_band) {
    speech::Sound tone(1000);
    for (std::size_t t = 0; t < tone.size(); ++t)
        tone[t] = std::sin(2 * std::numbers::pi_v<float> * 1000 * static_cast<float>(t) / speech::sample_rate);
    auto const frames = speech::log_mel(tone);
    BOOST_TEST(frames.shape(0) == 1U + (1000 - 256) / 128);
    for (std::size_t t = 0; t < frames.shape(0); ++t) {
        std::size_t best = 0;
        for (std::size_t b = 0; b < frames.shape(1); ++b) best = frames(t, b) > frames(t, best) ? b : best;
        BOOST_TEST(best == static_cast<std::size_t>(std::lround(1000 / (2146.0 / 25))) - 1);
    }
    BOOST_TEST(speech::log_mel(speech::Sound(10)).shape(0) == 1U);
    BOOST_TEST(speech::log_mel(speech::Sound(300))(0, 3) == std::log(1e-6), boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(what_is_said_is_written_and_read) {
    Folder const folder;
    auto const said = speech::made_up_utterances(20, 5);
    write_utterances(said, folder.path);
    auto const read = speech::read_utterances(folder.path / "learned", 1);
    BOOST_TEST(read.learned.size() + read.held_out.size() == said.learned.size());
    std::size_t longest = 0, digits = 0;
    for (auto const& u : said.learned) {
        BOOST_TEST((u.digits.size() >= 1 && u.digits.size() <= 4));
        longest = std::max(longest, u.sound.size()), digits += u.digits.size();
        for (float x : u.sound) BOOST_REQUIRE(std::abs(x) < 1);
    }
    BOOST_TEST(longest > 4000U);  // half a second
    for (auto const* part : {&read.learned, &read.held_out})
        for (auto const& u : *part) digits -= u.digits.size();
    BOOST_TEST(digits == 0U);
    folder.file("learned/x1.wav", bytes_of(fs::directory_iterator(folder.path / "learned")->path()));
    BOOST_CHECK_THROW(speech::read_utterances(folder.path / "learned", 1), FileError);
    BOOST_CHECK_THROW(speech::read_utterances(folder.path / "held_out", 1), FileError);  // two are not enough
}

BOOST_AUTO_TEST_SUITE_END()
