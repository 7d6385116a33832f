// Chooses elements, or directions, at random.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/gradcheck/lines.hpp>

namespace unspool::core {

std::vector<Line> Lines::operator()(Point& p) {
    if (p.size() == 0) return {};
    bool const automatic = options_.directions == GradcheckOptions::automatic;
    int const n          = !automatic ? options_.directions : p.size() > options_.many_elements ? 8 : 0;
    return n > 0 ? directions(p, n) : elements(p);
}

std::vector<Line> Lines::directions(Point& p, int n) {
    std::vector<Line> out;
    for (int d = 0; d < n; ++d)
        out.push_back({&p, fmt::format(" direction {}", d), 0, random_weights(random_, p.given.size())});
    return out;
}

std::vector<Line> Lines::elements(Point& p) {
    std::vector<std::size_t> order(p.given.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::size_t const n = std::min(order.size(), static_cast<std::size_t>(options_.max_elements));
    for (std::size_t i = 0; n < order.size() && i < n; ++i)  // the first n of a shuffle
        std::swap(order[i], order[i + random_.below(order.size() - i)]);
    std::vector<Line> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back({&p, place(p.shape, static_cast<Index>(order[i])), order[i], {}});
    return out;
}

}  // namespace unspool::core
