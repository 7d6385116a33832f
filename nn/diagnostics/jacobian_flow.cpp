// Jacobians of steps, their products, and the norms of both.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/cpu/product.hpp>
#include <unspool/autograd/picture/sparkline.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/diagnostics/jacobian_flow.hpp>
#include <unspool/nn/diagnostics/spectral.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core {

namespace {

using Matrix = std::vector<double>;  // [S,S], row by row

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// One sequence's state, all parts end to end.
using FlatState = std::vector<double>;

/// The parts of a state, and where each begins in all of it.
class Layout {
public:
    explicit Layout(ErasedCell const& cell) {
        for (std::size_t k = 0; k < cell.names.size(); ++k) {
            Shape const s = cell.shape(k);
            if (s.rank() < 1)
                throw ShapeError("jacobian_flow: a part of the state is a scalar, which no sequence of a batch owns");
            Shape one = s;
            one[0]    = 1;
            shapes_.push_back(one), begin_.push_back(size_), size_ += count(one);
        }
    }
    Index size() const { return size_; }
    Index parts() const { return std::ssize(shapes_); }
    Index begin(Index part) const { return begin_[at(part)]; }
    Index count_of(Index part) const { return count(shapes_[at(part)]); }

    /// Part k of these sequences' states, as an array [B,…].
    xt::xarray<double> part(Index k, std::vector<FlatState> const& states) const {
        Shape s  = shapes_[at(k)];
        s[0]     = std::ssize(states);
        auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(s.begin(), s.end()));
        auto to  = out.begin();
        for (auto const& f : states) to = std::copy_n(f.begin() + begin(k), count_of(k), to);
        return out;
    }

private:
    std::vector<Shape> shapes_;
    std::vector<Index> begin_;
    Index size_ = 0;
};

/// One step on a tape of its own.
class Step {
public:
    Step(ErasedCell const& cell, Layout const& layout) : cell_(cell), layout_(layout) {}

    FlatState next(xt::xarray<double> const& x, FlatState const& state) {
        auto const [in, out] = run(x, {state});
        FlatState result;
        for (Var const& part : out)
            for (double v : part.value<double>()) result.push_back(v);
        return result;
    }

    /// Of a batch of S copies of the sequence, row i of it is the gradient of element i of copy i.
    Matrix jacobian(xt::xarray<double> const& x, FlatState const& state) {
        Index const n        = layout_.size();
        auto const [in, out] = run(x, std::vector<FlatState>(at(n), state));
        Gradients const g    = backward(end_to_end(out), identity(n));
        Matrix j(at(n * n));
        for (Index k = 0; k < layout_.parts(); ++k) {
            auto const part = g[in[at(k)]].value<double>();
            auto from       = part.begin<xt::layout_type::row_major>();
            for (Index row = 0; row < n; ++row)
                for (Index c = 0; c < layout_.count_of(k); ++c) j[at(row * n + layout_.begin(k) + c)] = *from++;
        }
        return j;
    }

private:
    // xtensor's own takes memory where it must not throw.
    static xt::xarray<double> identity(Index n) {
        auto out = xt::xarray<double>::from_shape({at(n), at(n)});
        for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] = i % at(n + 1) == 0 ? 1 : 0;
        return out;
    }
    struct Ends {
        std::vector<Var> before, after;
    };
    Ends run(xt::xarray<double> const& x, std::vector<FlatState> const& states) {
        tape_.rewind();
        std::vector<std::size_t> shape(x.shape().begin(), x.shape().end());
        shape[0] = states.size();
        Ends out;
        for (Index k = 0; k < layout_.parts(); ++k) out.before.push_back(tape_.input(layout_.part(k, states)));
        Var const xs = tape_.constant(xt::xarray<double>(xt::broadcast(x, shape)));
        out.after    = cell_.step(std::array{xs}, out.before);
        return out;
    }
    /// [copies,features]
    Var end_to_end(std::vector<Var> const& after) {
        std::vector<Var> rows;
        for (Var const& part : after) rows.push_back(reshape(part, {layout_.size(), -1}));
        return rows.size() == 1 ? rows[0] : concat(rows, -1);
    }

    ErasedCell const& cell_;
    Layout const& layout_;
    Tape tape_{float64};
};

/// A product of Jacobians, of which a factor is kept apart, so that it neither overflows nor vanishes.
class Chain {
public:
    explicit Chain(Index n) : n_(n), product_(at(n * n)), next_(product_) {
        for (Index i = 0; i < n; ++i) product_[at(i * n + i)] = 1;
    }
    /// product = product · j
    void append(Matrix const& j) {
        auto const matrix = [&](Matrix const& m) { return Array<double const>{m.data(), {n_, n_}, {n_, 1}}; };
        multiply<double>({next_.data(), {n_, n_}, {n_, 1}}, {matrix(product_), matrix(j)}, WriteMode::assign);
        product_.swap(next_);
        double most = 0;
        for (double x : product_) most = std::max(most, std::abs(x));
        if (!(most > 0) || !std::isfinite(most)) return;
        int exponent = 0;
        std::frexp(most, &exponent);
        for (double& x : product_) x = std::ldexp(x, -exponent);
        exponent_ += exponent;
    }
    Matrix const& product() const { return product_; }
    double scaled(double norm) const { return std::ldexp(norm, exponent_); }

private:
    Index n_;
    Matrix product_, next_;
    int exponent_ = 0;
};

/// The block of a state's part in a Jacobian, and its norm.
class Block {
public:
    Block(ErasedCell const& cell, Layout const& layout, JacobianFlowOptions const& o, Where where)
        : n_(layout.size()), end_(layout.size()) {
        if (o.part.empty()) return;
        auto const found = std::find(cell.names.begin(), cell.names.end(), o.part);
        if (found == cell.names.end())
            throw NameError(fmt::format("{}: jacobian_flow: the state has no part {}; there are: {}", text(where),
                                        o.part, fmt::join(cell.names, ", ")));
        Index const k = found - cell.names.begin();
        begin_ = layout.begin(k), end_ = begin_ + layout.count_of(k);
    }
    double norm(Matrix const& j) const {
        Matrix block;
        for (Index r = begin_; r < end_; ++r)
            block.insert(block.end(), j.begin() + r * n_ + begin_, j.begin() + r * n_ + end_);
        return spectral_norm(block, end_ - begin_, end_ - begin_);
    }

private:
    Index n_, begin_ = 0, end_;
};

xt::xarray<double> row_of(xt::xarray<double> const& xs, Index t, Index b) {
    std::vector<std::size_t> shape(xs.shape().begin() + 1, xs.shape().end());
    shape[0]           = 1;
    auto out           = xt::xarray<double>::from_shape(shape);
    Index const length = std::ssize(out);
    std::copy_n(xs.begin() + (t * static_cast<Index>(xs.shape()[1]) + b) * length, length, out.begin());
    return out;
}

/// The larger; what is not finite is larger than all.
void raise(double& most, double x) {
    if (std::isnan(most)) return;
    if (!(x <= most)) most = x;
}

class Walk {
public:
    Walk(ErasedCell const& cell, xt::xarray<double> const& xs, JacobianFlowOptions const& o, Where where)
        : xs_(xs), layout_(cell), block_(cell, layout_, o, where), step_(cell, layout_) {
        auto const steps = xs.shape()[0];
        out_.step.assign(steps, 0), out_.through.assign(steps, 0);
    }
    void sequence(Index b, FlatState state) {
        std::vector<Matrix> all;
        for (Index t = 0; t < std::ssize(out_.step); ++t) {
            auto const x = row_of(xs_, t, b);
            all.push_back(step_.jacobian(x, state));
            raise(out_.step[at(t)], block_.norm(all.back()));
            state = step_.next(x, state);
        }
        Chain chain(layout_.size());
        for (Index t = std::ssize(all); t-- > 0;) {
            raise(out_.through[at(t)], chain.scaled(block_.norm(chain.product())));
            chain.append(all[at(t)]);
        }
    }
    Layout const& layout() const { return layout_; }
    JacobianFlow result() { return std::move(out_); }

private:
    xt::xarray<double> const& xs_;
    Layout layout_;
    Block block_;
    Step step_;
    JacobianFlow out_;
};

void check(ErasedCell const& cell, xt::xarray<double> const& xs, std::vector<xt::xarray<double>> const& state,
           Where where) {
    require_one_input(cell, "jacobian_flow", where);
    if (xs.dimension() < 2 || xs.size() == 0)
        throw ShapeError(describe(where, "jacobian_flow", "there is no sequence", "xs [T,B,...]",
                                  std::array{Shown{"xs", Shape::of(xs.shape())}}));
    if (!state.empty() && state.size() != cell.names.size())
        throw ShapeError(fmt::format("{}: jacobian_flow: the state has {} parts, {} were given", text(where),
                                     cell.names.size(), state.size()));
    for (std::size_t k = 0; k < state.size(); ++k)
        if (!(Shape::of(state[k].shape()) == cell.shape(k)))
            throw ShapeError(describe(where, "jacobian_flow", "the state does not fit", text(cell.shape(k)),
                                      std::array{Shown{cell.names[k], Shape::of(state[k].shape())}}));
}

FlatState features(Layout const& layout, std::vector<xt::xarray<double>> const& state, Index b) {
    FlatState out(at(layout.size()));
    for (Index k = 0; k < std::ssize(state); ++k)
        std::copy_n(state[at(k)].begin() + b * layout.count_of(k), layout.count_of(k), out.begin() + layout.begin(k));
    return out;
}

}  // namespace

JacobianFlow jacobian_flow(ErasedCell const& cell, xt::xarray<double> const& xs, std::vector<xt::xarray<double>> state,
                           JacobianFlowOptions const& o, Where where) {
    check(cell, xs, state, where);
    Walk walk(cell, xs, o, where);
    for (Index b = 0; b < static_cast<Index>(xs.shape()[1]); ++b) walk.sequence(b, features(walk.layout(), state, b));
    JacobianFlow out = walk.result();
    out.part = o.part, out.options = o.decay, out.decay = decay_of(out.through, false, o.decay, where);
    return out;
}

std::string JacobianFlow::csv() const {
    std::string out = "t,step,through\n";
    for (std::size_t t = 0; t < step.size(); ++t) out += fmt::format("{},{},{}\n", t, step[t], through[t]);
    return out;
}

void JacobianFlow::save(std::string const& path) const { write_whole(path, csv()); }

std::string text(JacobianFlow const& f) {
    auto const [low, high] = std::minmax_element(f.step.begin(), f.step.end());
    std::string const s    = f.part.empty() ? "s" : f.part;
    return fmt::format("‖∂{0}_T/∂{0}_t‖    {1}  {2}\n‖∂{0}_t/∂{0}_t-1‖  {3}  between {4:.2g} and {5:.2g}\n", s,
                       sparkline(f.through), text(f.decay, f.options), sparkline(f.step, {.logarithmic = false}), *low,
                       *high);
}

std::ostream& operator<<(std::ostream& out, JacobianFlow const& f) { return out << text(f); }

}  // namespace unspool::core
