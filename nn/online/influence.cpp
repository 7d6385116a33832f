// A matrix for each parameter, with a row for each element of the state, of which some elements may be left out.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unspool/nn/online/influence.hpp>

namespace unspool::core {

namespace {

using Pattern = std::vector<char>;  // of 0 and 1, row by row
struct Run {
    std::size_t begin, end;
};

struct Block {
    Param const* param;
    std::size_t columns;
    std::vector<double> values, next;
    Pattern direct;                      // what a step reaches by itself
    std::vector<std::vector<Run>> runs;  // what is kept, by row
};

class Matrices final : public Influence {
public:
    /// Of order 0, all is kept.
    explicit Matrices(Index order, bool own = false) : order_(order), own_(own) {}

    void layout(StateLayout const& l) override { layout_ = l; }

    void advance(StepSweeps const& step, std::vector<bool> const& rows) override {
        n_ = step.size();
        if (order_ > 0) look_at_structure(step);
        std::vector<double> j(step.from_a_state() ? n_ * n_ : 0, 0.0);
        for (Block& b : blocks_) b.next = b.values;
        for (std::size_t i = 0; i < n_; ++i)
            if (rows[i]) take(step.row(i), i, j);
        if (std::exchange(grown_, false)) find_pattern();
        if (own_) keep_own(j);
        for (Block& b : blocks_)
            for (std::size_t i = 0; i < n_; ++i)
                if (rows[i] && !j.empty()) carry_on(b, i, {&j[i * n_], n_});
    }
    ByParam through(std::span<double const> ds) const override {
        ByParam out;
        for (Block const& b : blocks_) {
            auto& sum = out.emplace_back(b.param, std::vector<double>(b.columns, 0.0)).second;
            for (std::size_t i = 0; i < n_; ++i)
                for (std::size_t p = 0; p < b.columns && ds[i] != 0; ++p) sum[p] += ds[i] * b.next[i * b.columns + p];
        }
        return out;
    }
    void commit() override {
        for (Block& b : blocks_) b.values.swap(b.next);
    }

private:
    /// NaN times anything is NaN, also times a state or a weight of 0: a sweep that starts from it comes to all that
    /// there is a way to.
    void look_at_structure(StepSweeps const& step) {
        if (!known_.insert(step.structure()).second) return;
        for (std::size_t i = 0; i < n_; ++i)
            mark(step.row(i, std::numeric_limits<double>::quiet_NaN()), i, [](double x) { return std::isnan(x); });
    }
    template <class F> void mark(StepSweeps::Row const& row, std::size_t i, F is_there) {
        auto const add = [&](std::vector<double> const& x, Pattern& to) {
            for (std::size_t k = 0; k < x.size(); ++k)
                if (is_there(x[k]) && !std::exchange(to[i * x.size() + k], 1)) grown_ = true;
        };
        reach_.resize(n_ * n_);
        add(row.state, reach_);
        for (auto const& [param, g] : row.params) add(g, block(param, g.size()).direct);
    }
    void take(StepSweeps::Row const& row, std::size_t i, std::vector<double>& j) {
        if (order_ > 0) mark(row, i, [](double x) { return x != 0; });  // a choice by values may hide a way from NaN
        std::copy(row.state.begin(), row.state.end(), j.begin() + static_cast<std::ptrdiff_t>(j.empty() ? 0 : i * n_));
        for (Block& b : blocks_) std::fill_n(&b.next[i * b.columns], b.columns, 0.0);
        for (auto const& [param, g] : row.params)
            std::copy(g.begin(), g.end(), &block(param, g.size()).next[i * g.size()]);
    }
    /// Of a parameter that is met for the first time, nothing came before.
    Block& block(Param const* p, std::size_t columns) {
        for (Block& b : blocks_)
            if (b.param == p) return b;
        std::vector<double> const none(n_ * columns, 0.0);
        blocks_.push_back({p, columns, none, none, Pattern(n_ * columns, 0), {n_, std::vector<Run>{{0, columns}}}});
        return blocks_.back();
    }
    void find_pattern() {
        for (Block& b : blocks_) {
            Pattern kept = b.direct;
            for (Index step = 1; step < order_; ++step) {
                Pattern const before = kept;
                for (std::size_t i = 0; i < n_; ++i)
                    for (std::size_t k = 0; k < n_; ++k)
                        for (std::size_t p = 0; p < b.columns && reach_[i * n_ + k]; ++p)
                            kept[i * b.columns + p] |= before[k * b.columns + p];
                if (kept == before) break;
            }
            for (std::size_t i = 0; i < n_; ++i) b.runs[i] = runs_of(&kept[i * b.columns], b.columns);
        }
    }
    static std::vector<Run> runs_of(char const* row, std::size_t n) {
        std::vector<Run> out;
        for (std::size_t at = 0; (at = static_cast<std::size_t>(std::find(row + at, row + n, 1) - row)) < n;) {
            out.push_back({at, static_cast<std::size_t>(std::find(row + at, row + n, 0) - row)});
            at = out.back().end;
        }
        return out;
    }
    /// Of J, what leads from a unit to itself; where a state has several parts, not by way of what comes out.
    void keep_own(std::vector<double>& j) const {
        struct Unit {
            Shape shape;
            std::size_t part, element;
        };
        std::vector<Unit> units;
        for (std::size_t part = 0; part < layout_.shapes.size(); ++part)
            for (Index e = 0; e < count(layout_.shapes[part]); ++e)
                units.push_back({layout_.shapes[part], part, static_cast<std::size_t>(e)});
        for (std::size_t at = 0; at < j.size(); ++at) {
            Unit const &to = units[at / n_], &from = units[at % n_];
            bool const out = layout_.shapes.size() > 1 && from.part == layout_.output;
            if (out || to.element != from.element || !(to.shape == from.shape)) j[at] = 0;
        }
    }
    /// Row i: ∂s_i/∂θ = Σ_k J_ik ∂s_k/∂θ + what is there already.
    void carry_on(Block& b, std::size_t i, std::span<double const> j) const {
        for (Run const& run : b.runs[i])
            for (std::size_t k = 0; k < n_; ++k) {
                if (j[k] == 0) continue;
                double *const to = &b.next[i * b.columns], *const from = &b.values[k * b.columns];
                for (std::size_t p = run.begin; p < run.end; ++p) to[p] += j[k] * from[p];
            }
    }

    Index order_;
    bool own_, grown_ = false;
    StateLayout layout_;
    std::size_t n_ = 0;
    std::vector<Block> blocks_;
    Pattern reach_;  // which elements of the state a step makes of which
    std::set<std::uint64_t> known_;
};

}  // namespace

std::unique_ptr<Influence> whole_influence() { return std::make_unique<Matrices>(0); }
std::unique_ptr<Influence> sparse_influence(Index order) { return std::make_unique<Matrices>(order); }
std::unique_ptr<Influence> own_influence() { return std::make_unique<Matrices>(1, true); }

}  // namespace unspool::core
