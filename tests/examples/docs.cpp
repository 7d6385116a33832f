// The documentation says what the examples do: its code is theirs, its pictures are what they draw, its links lead somewhere.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

namespace {

fs::path const root = UNSPOOL_SOURCE_DIR;

std::vector<std::string> lines_of(fs::path const& file) {
    std::ifstream in(file);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

std::vector<fs::path> pages() {
    std::vector<fs::path> out;
    for (auto const& entry : fs::directory_iterator(root))
        if (entry.path().extension() == ".md") out.push_back(entry.path());
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

/// Without the blocks that sparklines are made of.
std::string without_blocks(std::string line) {
    for (std::size_t at = line.find("\xE2\x96"); at != line.npos; at = line.find("\xE2\x96", at)) line.erase(at, 3);
    return line;
}

/// A line of a report without what differs between machines: which of many errors of rounding is the worst does, too.
std::string without_numbers(std::string const& line) {
    static std::regex const worst("worst relative error .* in .*"), number("-?[0-9][-+.0-9e]*"), spaces(" +");
    std::string const same = std::regex_replace(without_blocks(line), worst, "worst relative error");
    return std::regex_replace(std::regex_replace(same, number, "#"), spaces, " ");
}

/// What an example prints, line by line; it may be given options.
std::set<std::string> printed(std::string const& example) {
    fs::path const folder = fs::temp_directory_path() / ("unspool_docs_" + example.substr(0, example.find(' ')));
    fs::create_directories(folder);
    std::string const command = "cd " + folder.string() + " && " UNSPOOL_EXAMPLES_DIR "/" + example + " > out.txt";
    static_cast<void>(std::system(command.c_str()));  // an example may end with what it found
    std::set<std::string> out;
    for (auto const& line : lines_of(folder / "out.txt")) out.insert(without_numbers("    " + line));
    fs::remove_all(folder);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(docs)

BOOST_AUTO_TEST_CASE(reports_are_what_the_examples_print) {
    for (auto const& [page, example] :
         {std::pair{"guide.md", "02_gradcheck"}, std::pair{"gradcheck.md", "05_gradcheck_pitfalls"}}) {
        auto const out = printed(example);
        int shown      = 0;
        bool inside    = false;
        for (auto const& line : lines_of(root / "docs" / page)) {
            inside = line.starts_with("    gradcheck ") || (inside && line.starts_with("    "));
            if (!inside || line == "        ...") continue;
            BOOST_TEST(out.contains(without_numbers(line)), page << ": " << example << " does not print\n" << line);
            ++shown;
        }
        BOOST_TEST(shown >= 4, page);
    }
}

// What is indented there is printed by the example, but for the numbers.
BOOST_AUTO_TEST_CASE(flows_are_what_the_example_prints) {
    auto const out = printed("13_gradients_through_time");
    int shown      = 0;
    bool code      = false;
    for (auto const& line : lines_of(root / "docs/gradients_through_time.md")) {
        code = code != line.starts_with("```");
        if (code || !line.starts_with("    ")) continue;
        BOOST_TEST(out.contains(without_numbers(line)), "13_gradients_through_time does not print\n" << line);
        ++shown;
    }
    BOOST_TEST(shown >= 10);
}

// Short runs print the same lines, but for the numbers.
BOOST_AUTO_TEST_CASE(figures_of_derivatives_are_what_the_examples_print) {
    std::set<std::string> out;
    for (char const* example : {"18_gradient_penalty --updates 5", "19_hessian_free --updates 1", "20_maml --updates 5",
                                "21_equilibrium --updates 5", "22_sensitivity --steps 1"})
        out.merge(printed(example));
    int shown = 0;
    bool code = false;
    for (auto const& line : lines_of(root / "docs/derivatives.md")) {
        code = code != line.starts_with("```");
        if (code || !line.starts_with("    ")) continue;
        BOOST_TEST(out.contains(without_numbers(line)), "no example prints\n" << line);
        ++shown;
    }
    BOOST_TEST(shown >= 15);
}

// `<!-- examples/mgu.hpp -->` stands before each block of C++, and the block is in that file.
BOOST_AUTO_TEST_CASE(code_is_that_of_the_examples) {
    int blocks = 0;
    std::regex const origin("<!-- (\\S+) -->");
    for (auto const& page : pages()) {
        std::string before;
        std::vector<std::string> block;
        bool inside = false;
        for (auto const& line : lines_of(page)) {
            if (line == "```cpp") {
                std::smatch m;
                BOOST_TEST(std::regex_match(before, m, origin),
                           page << " does not say where its code is from: " << before);
                before = m[1], inside = true, block.clear();
            } else if (inside && line == "```") {
                BOOST_TEST(has(lines_of(root / before), block), page << ": " << before << " has no\n"
                                                                     << dedented(block));
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

BOOST_AUTO_TEST_CASE(all_pages_are_in_the_site) {
    std::string site;
    for (auto const& line : lines_of(root / "docs/site/Doxyfile")) site += " " + line + " ";
    for (auto const& page : pages()) {
        std::string const name = fs::relative(page, root).string();
        BOOST_TEST(site.find(" " + name + " ") != site.npos, name << " is not in docs/site/Doxyfile");
    }
}

BOOST_AUTO_TEST_SUITE_END()
