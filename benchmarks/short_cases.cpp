// Which computations, and how they are written for PyTorch.
#include "short_cases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace bench {

namespace {

using namespace unspool;
using Vars = std::vector<Var>;

std::size_t count(Dimensions const& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}
std::size_t up_to(Random& random, std::size_t most) { return 1 + random.below(most); }
Index axis_of(Random& random, Dimensions const& shape) { return static_cast<Index>(random.below(shape.size())); }
template <class T> T const& one_of(Random& random, std::vector<T> const& all) { return all[random.below(all.size())]; }

/// 2,048 to 4,096 numbers; small sizes are likely.
Dimensions random_shape(Random& random) {
    Dimensions out{up_to(random, std::size_t{1} << random.below(7)), up_to(random, std::size_t{1} << random.below(7))};
    std::size_t left = 4096 / count(out);
    for (std::uint64_t more = random.below(3); more > 0; --more) {
        out.insert(out.begin(), up_to(random, std::min<std::size_t>(left, 8)));
        left /= out.front();
    }
    out.insert(out.begin(), left);
    return out;
}

Computation product_of_rows(std::size_t n) {
    return {{{n / 256, 256}, {n / 256, 256}}, [](Vars const& x) { return x[0] * x[1]; }, "x*y"};
}
std::string slice_of(Dimensions const& shape, Index axis, std::string const& range) {
    std::vector<std::string> parts(shape.size(), ":");
    parts[static_cast<std::size_t>(axis)] = range;
    return fmt::format("[{}]", fmt::join(parts, ","));
}

/// An operand of a shape: an input, or a view of one.
struct Operand {
    Dimensions input;
    std::function<Var(Var)> view;
    std::string torch;
};
Operand plain(Dimensions const& shape) {
    return {shape, [](Var x) { return x; }, ""};
}
Operand turned(Dimensions const& shape, Random& random) {
    core::Dims axes;
    std::vector<Index> written(shape.size());
    std::iota(written.begin(), written.end(), Index{0});
    for (std::size_t k = written.size(); k > 1; --k) std::swap(written[k - 1], written[random.below(k)]);
    Dimensions input(shape.size());
    for (std::size_t k = 0; k < shape.size(); ++k) {
        axes.push_back(written[k]);
        input[static_cast<std::size_t>(written[k])] = shape[k];
    }
    return {input, [=](Var x) { return transpose(x, axes); }, fmt::format(".permute({})", fmt::join(written, ","))};
}
Operand reversed(Dimensions const& shape, Random& random) {
    Index const a = axis_of(random, shape);
    return {shape, [=](Var x) { return flip(x, a); }, fmt::format(".flip({})", a)};
}
Operand sliced(Dimensions const& shape, Random& random) {
    Index const a = axis_of(random, shape), begin = static_cast<Index>(random.below(3)),
                step                   = 1 + static_cast<Index>(random.below(2));
    auto const n                       = static_cast<Index>(shape[static_cast<std::size_t>(a)]);
    Index const end                    = begin + (n - 1) * step + 1;
    Dimensions input                   = shape;
    input[static_cast<std::size_t>(a)] = static_cast<std::size_t>(end) + random.below(3);
    return {input, [=](Var x) { return slice(x, a, begin, end, step); },
            slice_of(shape, a, fmt::format("{}:{}:{}", begin, end, step))};
}
Operand any(Dimensions const& shape, Random& random) {
    switch (random.below(6)) {
        case 0: return turned(shape, random);
        case 1: return reversed(shape, random);
        case 2: return sliced(shape, random);
        default: return plain(shape);
    }
}
Computation product(Operand const& a, Operand const& b) {
    return {{a.input, b.input},
            [=](Vars const& x) { return a.view(x[0]) * b.view(x[1]); },
            fmt::format("x{}*y{}", a.torch, b.torch)};
}

Dimensions repeated_along_some(Dimensions shape, Random& random) {
    for (std::size_t& d : shape) d = random.below(2) ? 1 : d;
    return shape;
}

ShortCase statement(Random& random) {
    Dimensions const shape = random_shape(random);
    return {"a statement", product(any(shape, random), any(repeated_along_some(shape, random), random)),
            product_of_rows(count(shape))};
}
ShortCase of_slice(Random& random) {
    Dimensions const shape = random_shape(random);
    return {"a slice", product(plain(shape), sliced(shape, random)), product_of_rows(count(shape))};
}
ShortCase of_transpose(Random& random) {
    Dimensions const shape = random_shape(random);
    return {"a transpose", product(plain(shape), turned(shape, random)), product_of_rows(count(shape))};
}
ShortCase broadcast(Random& random) {
    Dimensions const shape = random_shape(random);
    core::Dims to;
    for (std::size_t d : shape) to.push_back(static_cast<Index>(d));
    return {"a broadcast",
            {{repeated_along_some(shape, random)},
             [=](Vars const& x) { return broadcast_to(x[0], to); },
             fmt::format("x.expand({}).clone(memory_format=torch.contiguous_format)", fmt::join(shape, ","))},
            product_of_rows(count(shape))};
}

/// What only moves numbers about, along an axis.
ShortCase moving(Random& random) {
    Dimensions shape = random_shape(random);
    Index const a    = axis_of(random, shape);
    auto& size       = shape[static_cast<std::size_t>(a)];
    auto const half  = [&] { return size = std::max<std::size_t>(1, size / 2); };
    std::size_t n    = count(shape);
    auto const made  = [&](std::vector<Dimensions> shapes, Function f, std::string torch) {
        return ShortCase{"a move", {std::move(shapes), std::move(f), std::move(torch)}, product_of_rows(n)};
    };
    switch (random.below(7)) {
        case 0:
            half(), n = 2 * count(shape);
            return made(
                {shape, shape},
                [=](Vars const& x) {
                    return concat({x[0], x[1]}, a);
                },
                fmt::format("torch.cat((x,y),{})", a));
        case 1:
            half(), n = 2 * count(shape);
            return made(
                {shape, shape},
                [=](Vars const& x) {
                    return stack({x[0], x[1]}, a);
                },
                fmt::format("torch.stack((x,y),{})", a));
        case 2: {
            half(), n = 2 * count(shape);
            std::vector<int> times(shape.size(), 1);
            times[static_cast<std::size_t>(a)] = 2;
            return made(
                {shape}, [=](Vars const& x) { return repeat(x[0], 2, a); },
                fmt::format("x.repeat({})", fmt::join(times, ",")));
        }
        case 3:
            return made(
                {shape}, [=](Vars const& x) { return roll(x[0], 1, a); }, fmt::format("x.roll(1,{})", a));
        case 4: {
            std::vector<int> around(2 * shape.size(), 0);
            around[2 * (shape.size() - 1 - static_cast<std::size_t>(a))] = 1;
            n += n / size;
            return made(
                {shape}, [=](Vars const& x) { return pad(x[0], a, 1, 0); },
                fmt::format("torch.nn.functional.pad(x,({}))", fmt::join(around, ",")));
        }
        case 5: {
            std::size_t const d = shape.back(), rows = n / d;
            std::vector<int> numbers(rows);
            for (std::size_t i = 0; i < rows; ++i)
                numbers[i] = static_cast<int>(i * 7 % std::min<std::size_t>(rows, 50));
            return made(
                {{50, d}}, [=](Vars const& x) { return embedding(x[0].tape(), x[0], numbers); },
                fmt::format("x[torch.arange({0})*7%min({0},50)]", rows));
        }
        default: {
            Operand const view = turned(shape, random);
            return made(
                {view.input}, [=](Vars const& x) { return contiguous(view.view(x[0])); },
                fmt::format("x{}.contiguous()", view.torch));
        }
    }
}

struct OfOne {
    bool along_one;
    Var (*f)(Var, Axes const&);
    char const* torch;
};

Axes some_axes(Random& random, Dimensions const& shape, bool one) {
    Axes out(axis_of(random, shape));
    for (Index a = 0; a < static_cast<Index>(shape.size()) && !one; ++a)
        if (a != *out.list.begin() && random.below(4) == 0) out.list.push_back(a);
    return out;
}
Computation of_one(OfOne const& op, Dimensions const& shape, Axes const& axes) {
    std::string const along =
        op.along_one ? fmt::format("{}", axes.list[0]) : fmt::format("({},)", fmt::join(axes.list, ","));
    return {{shape}, [=](Vars const& x) { return op.f(x[0], axes); }, fmt::format(fmt::runtime(op.torch), along)};
}

ShortCase reduction(Random& random) {
    static std::vector<OfOne> const all{
        {false, [](Var x, Axes const& a) { return Var(sum(x, a)); }, "x.sum({})"},
        {false, [](Var x, Axes const& a) { return Var(mean(x, a)); }, "x.mean({})"},
        {false, [](Var x, Axes const& a) { return Var(sum(x * x, a)); }, "(x*x).sum({})"}};
    Dimensions const shape = random_shape(random);
    OfOne const& op        = one_of(random, all);
    return {"a sum", of_one(op, shape, some_axes(random, shape, op.along_one)), product_of_rows(count(shape))};
}
std::vector<OfOne> const& lists_of_numbers() {
    static std::vector<OfOne> const all{
        {true, [](Var x, Axes const& a) { return softmax(x, a.list[0]); }, "x.softmax({})"},
        {true, [](Var x, Axes const& a) { return log_softmax(x, a.list[0]); }, "x.log_softmax({})"},
        {true, [](Var x, Axes const& a) { return cumsum(x, a.list[0]); }, "x.cumsum({})"},
        {true, [](Var x, Axes const& a) { return cumprod(x, a.list[0]); }, "x.cumprod({})"},
        {true, [](Var x, Axes const& a) { return prod(x, a); }, "x.prod({})"},
        {false, [](Var x, Axes const& a) { return logsumexp(x, a); }, "x.logsumexp({})"},
        {false, [](Var x, Axes const& a) { return max(x, a); }, "x.amax({})"},
        {false, [](Var x, Axes const& a) { return var(x, a, Reduced::drop, 0); }, "x.var({},unbiased=False)"},
        {false, [](Var x, Axes const& a) { return norm2(x, a); }, "torch.linalg.vector_norm(x,dim={})"},
        {false, [](Var x, Axes const& a) { return layer_norm(x, a); },
         "(lambda m: (x-m)*torch.rsqrt(((x-m)**2).mean({0},keepdim=True)+1e-5))(x.mean({0},keepdim=True))"},
        {false, [](Var x, Axes const& a) { return rms_norm(x, a); },
         "x*torch.rsqrt((x*x).mean({},keepdim=True)+1e-5)"}};
    return all;
}
ShortCase of_lists(Random& random) {
    Dimensions const shape = random_shape(random);
    OfOne const& op        = one_of(random, lists_of_numbers());
    return {"lists", of_one(op, shape, some_axes(random, shape, op.along_one)),
            of_one(op, {count(shape) / 256, 256}, 1)};
}

Computation plain_product(Dimensions const& x, Dimensions const& y) { return product(plain(x), plain(y)); }

}  // namespace

std::string Computation::text() const {
    std::string out;
    for (Dimensions const& shape : shapes) out += fmt::format("[{}] ", fmt::join(shape, ","));
    return out + torch;
}

std::vector<ShortCase> typical_cases() {
    std::vector<ShortCase> out;
    for (auto const& [x, y] : std::vector<std::pair<Dimensions, Dimensions>>{{{16, 64, 4}, {16, 64, 1}},
                                                                             {{1024, 4}, {4}},
                                                                             {{2048, 2}, {2}},
                                                                             {{256, 15}, {256, 1}},
                                                                             {{256, 16}, {256, 1}},
                                                                             {{64, 64}, {64, 1}},
                                                                             {{1024, 2, 2}, {1024, 1, 2}},
                                                                             {{16, 3, 5, 7}, {16, 1, 5, 1}}})
        out.push_back({"typical", plain_product(x, y), product_of_rows(count(x))});
    for (OfOne const& op : lists_of_numbers())
        for (Dimensions const& shape : {Dimensions{1024, 4}, Dimensions{2048, 2}, Dimensions{256, 16}})
            out.push_back({"typical", of_one(op, shape, 1), of_one(op, {16, 256}, 1)});
    return out;
}

std::vector<ShortCase> short_cases(std::uint64_t seed, int of_each) {
    std::vector<ShortCase> out;
    Random random(seed);
    for (auto* kind : {statement, of_slice, of_transpose, broadcast, moving, reduction, of_lists})
        for (int k = 0; k < of_each; ++k) out.push_back(kind(random));
    return out;
}

}  // namespace bench
