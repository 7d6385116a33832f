// unspool_bench: this library beside oneDNN, xtensor and the standard library.
#include "clipping.hpp"
#include "elementwise.hpp"
#include "overhead.hpp"
#include "program.hpp"
#include "recurrence.hpp"
#include "recurrent.hpp"
#include "training.hpp"

int main(int argc, char** argv) {
    using namespace bench;
    std::vector<Contest> contests;
    for (auto& group : {recurrent_contests(), streaming_contests(), custom_cell_contests(), overhead_contests(nobody),
                        scaling_contests(), training_contests(nobody), elementwise_contests(), clipping_contests(),
                        linear_recurrence_contests()})
        contests.insert(contests.end(), group.begin(), group.end());
    return run_program(argc, argv, std::move(contests));
}
