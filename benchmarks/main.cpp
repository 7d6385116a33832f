// unspool_bench: this library beside oneDNN.
#include "program.hpp"
#include "recurrent.hpp"

int main(int argc, char** argv) {
    using namespace bench;
    std::vector<Contest> contests;
    for (auto& group : {recurrent_contests(), custom_cell_contests(), scaling_contests()})
        contests.insert(contests.end(), group.begin(), group.end());
    return run_program(argc, argv, std::move(contests));
}
