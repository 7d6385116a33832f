// The pictures in docs/ are those that the program draws now: the same boxes, with the same texts.  Where boxes stand, Graphviz and the
// fonts of the machine say, and figures of gradients differ a little between processors.
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

/// What stands in a picture, without its figures where those are not the same everywhere.
std::multiset<std::string> texts_of(fs::path const& svg) {
    std::ifstream in(svg, std::ios::binary);
    std::string const all{std::istreambuf_iterator<char>(in), {}};
    bool const of_gradients = svg.stem().string().find("gradient") != std::string::npos;
    std::multiset<std::string> out;
    for (std::size_t end = all.find("</text>"); end != std::string::npos; end = all.find("</text>", end + 1)) {
        std::size_t const begin = all.rfind('>', end - 1) + 1;
        std::string text        = all.substr(begin, end - begin);
        bool const course       = text.find("\u2581") != std::string::npos || text.find("\u2588") != std::string::npos;
        if (of_gradients && course) continue;
        if (of_gradients)
            std::erase_if(text, [](unsigned char c) { return std::isdigit(c) || c == '.' || c == '-' || c == '+'; });
        out.insert(text);
    }
    return out;
}

struct Drawn {
    fs::path folder = fs::temp_directory_path() / ("unspool gallery " + std::to_string(getpid()));

    Drawn() { std::system((UNSPOOL_EXAMPLES_DIR "/12_gallery '" + folder.string() + "' > /dev/null").c_str()); }
    ~Drawn() { fs::remove_all(folder); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gallery, Drawn)

BOOST_AUTO_TEST_CASE(is_what_the_program_draws) {
    fs::path const kept = UNSPOOL_TESTS_DIR "/../docs/figures/gallery";
    int pictures        = 0;
    for (auto const& entry : fs::directory_iterator(kept)) {
        fs::path const now = folder / entry.path().filename();
        BOOST_TEST(
            (fs::exists(now) && texts_of(entry.path()) == texts_of(now)),
            entry.path() << " is another now: draw it anew with 12_gallery docs/figures/gallery, and look at it");
        ++pictures;
    }
    BOOST_TEST(pictures >= 16);
}

BOOST_AUTO_TEST_SUITE_END()
