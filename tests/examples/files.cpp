// Where the examples write: below the folder that they are started in, whatever it is called, and they say where.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct Example {
    std::string name, options;
    std::vector<std::string> files;  // that it writes
    std::string places;              // what it says of them
    friend std::ostream& operator<<(std::ostream& out, Example const& e) { return out << e.name; }
};

std::vector<Example> const examples{
    {"02_gradcheck", "", {"mgu.svg"}, "mgu.svg"},
    {"03_custom_cell",
     "--hidden 8 --steps 4 --threads 1",
     {"build/demo/cell.svg", "build/demo/unrolled.svg", "build/demo/net.html", "build/demo/losses.csv"},
     "build/demo/cell.svg|build/demo/unrolled.svg|build/demo/net.html|build/demo/losses.csv"},
    {"05_gradcheck_pitfalls", "", {"culprit.svg"}, "culprit.svg"},
    {"06_fit", "", {"06_fit.svg"}, "06_fit.html|06_fit.svg|06_fit.events"},
    {"07_layers", "", {"layers/gru.safetensors", "layers/run.ckpt"}, "saved in layers"},
    {"15_forecast", "--epochs 1", {"15_forecast.svg"}, "15_forecast.svg"},
    {"12_gallery", "", {"gallery/lstm.svg", "gallery/rnn_200_rolled_gradients.svg"}, "in gallery"}};

std::string contents(fs::path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder to start programs in.
struct Place {
    fs::path folder = fs::temp_directory_path() / ("unspool's examples " + std::to_string(getpid()));

    Place() { fs::create_directories(folder); }
    ~Place() { fs::remove_all(folder); }

    int start(Example const& e) const {
        fs::path const before = fs::current_path();
        fs::current_path(folder);
        int const status = std::system((UNSPOOL_EXAMPLES_DIR "/" + e.name + " " + e.options + " > out 2> err").c_str());
        fs::current_path(before);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(files, Place)

BOOST_DATA_TEST_CASE(are_written_below_the_current_folder, examples, e) {
    BOOST_TEST(start(e) == 0);
    std::string const said = contents(folder / "out");
    for (auto const& file : e.files) BOOST_TEST(fs::file_size(folder / file) > 0u, file);
    for (std::size_t i = 0; i <= e.places.size(); i = std::min(e.places.find('|', i), e.places.size()) + 1)
        BOOST_TEST(said.find(e.places.substr(i, e.places.find('|', i) - i)) != std::string::npos, said);
}

// Root may write to any folder: so something else is in the way.
BOOST_DATA_TEST_CASE(that_cannot_be_written_end_in_a_line, examples, e) {
    for (auto const& file : e.files) {
        fs::path const first = *fs::path(file).begin();
        if (first == file) fs::create_directories(folder / first / "in the way");
        else std::ofstream(folder / first) << "in the way";
    }
    BOOST_TEST(start(e) == 2);
    std::string const said = contents(folder / "err");
    BOOST_TEST(said.find(*fs::path(e.files[0]).begin()) != std::string::npos, said);
    BOOST_TEST(std::count(said.begin(), said.end(), '\n') == 1, said);
}

BOOST_AUTO_TEST_SUITE_END()
