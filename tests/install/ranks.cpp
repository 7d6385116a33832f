// A user's program for several machines: it is linked, and run by others.
#include <unspool.hpp>
#include <unspool/mpi/ranks.hpp>

using namespace unspool;

int main() {
    mpi::Ranks ranks;
    Params const params(1);
    broadcast(ranks, params);
}
