// Writes the shipped cells and those of examples/cells as C, with their tests of so many steps, into a folder, and if steps are
// given, 50 random ones as well: what run.sh and sizes.sh compile.
#include <cstdio>
#include <cstdlib>
#include <plans/cells.hpp>

using namespace unspool;

namespace {

void write(std::vector<plans::NamedCell> const& cells, std::string const& folder, CFileOptions o,
           std::string const& kind) {
    for (auto const& cell : cells) {
        o.inputs = cell.inputs, o.name = cell.name + kind;
        core::write_c_files(cell.plannable(1), folder + "/" + o.name + ".c", o, Where::here());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) return std::fprintf(stderr, "write_c_cells FOLDER [STEPS]\n"), 2;
    int const steps    = argc == 3 ? std::atoi(argv[2]) : 16;
    auto const shipped = plans::shipped_cells(Params(3));
    write(shipped, argv[1], {.test_steps = steps}, "");
    write(shipped, argv[1], {.dtype = float64, .test_steps = steps}, "_double");
    write(shipped, argv[1], {.int8 = true, .test_steps = steps}, "_int8");
    write(plans::example_cells(Params(4)), argv[1], {.test_steps = steps}, "");
    std::vector<plans::NamedCell> random;
    for (std::uint64_t seed = 0; argc == 3 && seed < 50; ++seed) random.push_back(plans::random_cell(seed));
    write(random, argv[1], {.test_steps = steps}, "");
    write(random, argv[1], {.dtype = float64, .test_steps = steps}, "_double");
}
