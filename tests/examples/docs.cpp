// The documentation says what the examples do: its code is theirs, its pictures are what they draw, its links lead somewhere.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace fs = std::filesystem;

namespace {

fs::path const root = UNSPOOL_SOURCE_DIR;

std::vector<std::string> lines_of(fs::path const& file) {
    std::ifstream            in(file);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

std::vector<fs::path> pages() {
    std::vector<fs::path> out{root / "README.md"};
    for (auto const& entry : fs::recursive_directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md") out.push_back(entry.path());
    return out;
}

/// The lines without the indentation that they share.
std::string dedented(std::vector<std::string> const& lines) {
    std::size_t shared = std::string::npos;
    for (auto& l : lines)
        if (l.find_first_not_of(' ') != std::string::npos) shared = std::min(shared, l.find_first_not_of(' '));
    std::string out;
    for (auto& l : lines) out += (l.size() > shared ? l.substr(shared) : "") + "\n";
    return out;
}

/// Does the file have these lines somewhere, one after the other, at any indentation?
bool has(std::vector<std::string> const& file, std::vector<std::string> const& block) {
    std::string const wanted = dedented(block);
    for (std::size_t i = 0; i + block.size() <= file.size(); ++i) {
        auto const at = file.begin() + static_cast<std::ptrdiff_t>(i);
        if (dedented({at, at + static_cast<std::ptrdiff_t>(block.size())}) == wanted) return true;
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(docs)

// `<!-- examples/mgu.hpp -->` stands before each block of C++, and the block is in that file.
BOOST_AUTO_TEST_CASE(code_is_that_of_the_examples) {
    int              blocks = 0;
    std::regex const origin("<!-- (\\S+) -->");
    for (auto const& page : pages()) {
        std::string              before;
        std::vector<std::string> block;
        bool                     inside = false;
        for (auto const& line : lines_of(page)) {
            if (line == "```cpp") {
                std::smatch m;
                BOOST_TEST(std::regex_match(before, m, origin), page << " does not say where its code is from: " << before);
                before = m[1], inside = true, block.clear();
            } else if (inside && line == "```") {
                BOOST_TEST(has(lines_of(root / before), block), page << ": " << before << " has no\n" << dedented(block));
                inside = false, ++blocks;
            } else if (inside) {
                block.push_back(line);
            } else {
                before = line;
            }
        }
    }
    BOOST_TEST(blocks >= 5);
}

BOOST_AUTO_TEST_CASE(links_lead_to_files) {
    std::regex const link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
    for (auto const& page : pages()) {
        bool code = false;
        for (auto const& line : lines_of(page)) {
            code = code != line.starts_with("```");
            for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end && !code; ++it)
                BOOST_TEST(fs::exists(page.parent_path() / (*it)[1].str()), page << ": " << (*it)[1]);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
