// Reber's strings and surnames: what the tasks are made of.
#include <boost/filesystem.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <names/surnames.hpp>
#include <set>
#include <tasks/reber.hpp>

namespace {

std::string as_text(unspool::core::Symbols const& numbers) {
    std::string out;
    for (auto n : numbers) out += tasks::reber_symbols[static_cast<std::size_t>(n)];
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(of_tasks)

BOOST_AUTO_TEST_CASE(strings_are_of_the_embedded_grammar) {
    unspool::core::Random random(1);
    std::set<std::string> all;
    for (int i = 0; i < 1000; ++i) {
        auto const s           = tasks::reber_string(random);
        std::string const text = as_text(s.symbols);
        BOOST_TEST(tasks::is_reber(text), text);
        BOOST_TEST(s.legal.size() + 1 == s.symbols.size());
        all.insert(text);
    }
    BOOST_TEST(all.size() > 200u);
}

BOOST_AUTO_TEST_CASE(the_grammar_accepts_what_fahlman_shows) {
    for (char const* good : {"BTBTXSETE", "BPBPVVEPE", "BTBTSSXXTVVETE", "BPBTXXVPSEPE"})
        BOOST_TEST(tasks::is_reber(good), good);
    for (char const* bad : {"", "B", "BTBTXSEPE", "BPBPVVETE", "BTBTXSET", "BTBTXSETEE", "BTBTXSETB", "BTBPXSETE",
                            "BXBTXSEXE", "TBTXSETE"})
        BOOST_TEST(!tasks::is_reber(bad), bad);
}

// A symbol is legal exactly if some string goes on with it.
BOOST_AUTO_TEST_CASE(legal_symbols_are_those_that_strings_go_on_with) {
    unspool::core::Random random(2);
    std::map<std::string, std::set<char>> seen, said;
    for (int i = 0; i < 20'000; ++i) {
        auto const s           = tasks::reber_string(random);
        std::string const text = as_text(s.symbols);
        for (std::size_t t = 0; t + 1 < text.size() && t < 7; ++t) {
            seen[text.substr(0, t + 1)].insert(text[t + 1]);
            for (std::size_t k = 0; k < 7; ++k)
                if (s.legal[t][k]) said[text.substr(0, t + 1)].insert(tasks::reber_symbols[k]);
        }
    }
    BOOST_TEST(seen.size() > 50u);
    BOOST_TEST((seen == said));
}

BOOST_AUTO_TEST_CASE(surnames_are_read_by_language) {
    namespace fs          = boost::filesystem;
    fs::path const folder = fs::temp_directory_path() / fs::unique_path();
    fs::create_directory(folder);
    std::ofstream((folder / "Old.txt").string()) << "Ab\nAç\n";
    std::ofstream((folder / "New.txt").string()) << "Çb\n\nb\na";
    std::ofstream((folder / "LICENSE").string()) << "none\n";
    auto const s = names::read_surnames(folder.string());
    fs::remove_all(folder);
    BOOST_TEST((s.languages == std::vector<std::string>{"New", "Old"}));
    BOOST_TEST((s.all.targets == std::vector<unspool::Index>{0, 0, 0, 1, 1}));
    BOOST_TEST(s.letters.size() == 5);
    BOOST_TEST(s.letters.decode(s.all.inputs[4]) == "Aç");
    BOOST_TEST(s.majority({0, 1, 3}) == 2.0 / 3);
    BOOST_CHECK_THROW(names::read_surnames(folder.string()), unspool::core::FileError);
}

BOOST_AUTO_TEST_SUITE_END()
