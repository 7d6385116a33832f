// First steps: values on a tape, one equation a line, and the gradients of the last by the first.
#include <iostream>
#include <unspool.hpp>
#include <xtensor/xio.hpp>

using namespace unspool;

int main() {
    Tape tape(float64);
    Var x = tape.input(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}}, "x");
    Var w = tape.input(xt::xarray<double>{0.3, -0.2, 0.1}, "w");

    Var y    = sigmoid(w * x);       // one node, however long the term; w is repeated for each row
    Var loss = mean(square(y - 1));  // a reduction of a term is one node too

    Gradients const g = backward(loss);
    std::cout << "loss      " << loss.item() << "\n"
              << "d loss/dw " << g[w].value<double>() << "\n";
}
