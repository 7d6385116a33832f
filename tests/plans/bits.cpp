// How many units in the last place a stream is from a paused tape, at several sizes of batches.
#include <algorithm>
#include <cmath>
#include <plans/bits.hpp>
#include <plans/paused.hpp>

namespace plans {

namespace {

/// What two numbers differ by, in units of the last place of the larger, or of 1 if they are smaller.
template <class T> double ulps(T a, T b) {
    if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
    T const size = std::max({std::abs(a), std::abs(b), T(1)});
    return std::abs(static_cast<double>(a - b)) / static_cast<double>(std::nextafter(size, T(2) * size) - size);
}

template <class T> void compare_steps(NamedCell const& cell, Index batch, Units& out) {
    nn::Stream<T> stream(core::plan_of(cell.plannable(batch), {batch, cell.inputs, core::dtype_of<T>}, {}));
    Paused<T> tape(cell.plannable(batch));
    Random random(7);
    for (int t = 0; t < 40; ++t) {
        auto const x     = drawn<T>(cell.inputs, batch, random);
        auto const names = stream.state_names();
        for (std::size_t k = 0; k < names.size(); ++k) stream.set_state(names[k], tape.state(k));
        std::vector<std::span<T const>> spans;
        for (auto const& each : x) spans.emplace_back(each.data(), each.size());
        auto const compare = [&](std::span<T const> got, std::vector<T> const& expected) {
            if (got.size() != expected.size())
                throw ShapeError(cell.name + ": a stream gives another number of elements");
            double& to = t < 20 ? out.first : out.later;
            for (std::size_t i = 0; i < got.size(); ++i) to = std::max(to, ulps(got[i], expected[i]));
        };
        auto const expected = tape.step(x);
        compare(stream.step(spans), expected);
        for (std::size_t k = 0; k < names.size(); ++k) compare(stream.state(names[k]), tape.state(k));
    }
}

}  // namespace

Units units_of(NamedCell const& cell) {
    Units out;
    for (Index batch : {1, 3, 8}) compare_steps<float>(cell, batch, out), compare_steps<double>(cell, batch, out);
    return out;
}

}  // namespace plans
