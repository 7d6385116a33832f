// Where a gradient check looks.
#pragma once
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>

namespace unspool::core {

/// The lines through an input: along its elements, or in random directions.
class Lines {
public:
    Lines(GradcheckOptions const& options, Random& random) : options_(options), random_(random) {}

    std::vector<Line> operator()(Point&);

private:
    std::vector<Line> directions(Point&, int n);
    std::vector<Line> elements(Point&);

    GradcheckOptions const& options_;
    Random& random_;
};

}  // namespace unspool::core
