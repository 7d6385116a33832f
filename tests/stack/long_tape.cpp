// A million recorded statements run forward, backward and destruct on a small stack: every walk of the tape is a loop.
#include <cmath>
#include <memory>
#include <unspool/autograd/gradients.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;

int main() {
    auto      tape = std::make_unique<Tape>(float64);
    Var const x    = tape->input(1.0);
    Var       h    = x;
    for (int i = 0; i < 1'000'000; ++i) h = h * 0.999999 + x * 1e-6;  // dh/dx stays 1
    double const value = h.item(), slope = backward(h)[x].item();
    bool const   right = std::abs(value - 1) < 1e-9 && std::abs(slope - 1) < 1e-9 && tape->size() == 1'000'001;
    tape.reset();

    return right ? 0 : 1;
}
