// What a model that was trained makes of data.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/fit/evaluate.hpp>
#include <unspool/nn/fit/learner.hpp>
#include <unspool/nn/fit/same_run.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <xtensor/xview.hpp>

namespace unspool::core {

double Scores::operator[](std::string_view name) const {
    std::vector<std::string> all;
    for (auto const& [n, value] : row_) {
        if (n == name) return value;
        all.push_back(n);
    }
    throw NameError(fmt::format("the scores have no {}; they have {}", shown(name), shown_list(all)));
}

std::string text(Scores const& s) {
    std::string out;
    for (auto const& [name, value] : s.row()) out += fmt::format("{}{} {:.4g}", out.empty() ? "" : ", ", name, value);
    return out;
}

Scores evaluate(Params const& params, BatchFeed const& batches, EvaluateOptions const& o, Where where) {
    RunningMean const mean = failing_together(o.ranks, [&] {
        require_at_least(1, "evaluate", "threads", o.threads, where);
        require_at_least(0, "evaluate", "parts", o.parts, where);
        Index const parts = parts_of_a_batch(o.parts, o.threads, o.ranks);
        require_divisible(batches, parts, "evaluate", where);
        if (o.ranks) require_same(*o.ranks, "evaluate", facts(o, batches), where);
        Learner learner(params, parts, o.threads, o.ranks, where);
        return evaluated(batches, learner);
    });
    if (mean.weight() == 0)
        throw ValueError(fmt::format("{}: evaluate: there are no batches, or none weighs anything", text(where)));
    return Scores(mean.row(o.metrics));
}

void Predictions::add(Index k, std::span<Index const> examples, xt::xarray<double> values) {
    Index const next = std::ssize(all_);
    all_.push_back({examples.empty() ? next : examples[static_cast<std::size_t>(k)], std::move(values)});
}

namespace {

xt::xarray<double> numbers(Var const& y) {
    return dispatch(y.dtype(), [&](auto t) { return xt::xarray<double>(xt::cast<double>(y.value<decltype(t)>())); });
}

Var swapped(Var const& y, Where where) {
    Dims axes;
    for (Index k = 0; k < std::ssize(y.shape()); ++k) axes.push_back(k < 2 ? 1 - k : k);
    return transpose(y, axes, where);
}

[[noreturn]] void refuse(Where where, Var const& y, std::string const& expected) {
    throw ShapeError(
        fmt::format("{}: predict: a prediction is {}, but must be {}", text(where), text(y.shape()), expected));
}

}  // namespace

void Predictions::add_rows(Var const& y, Index size, std::span<Index const> examples) {
    if (y.shape().empty() || y.shape()[0] != size) refuse(where_, y, fmt::format("[{},...], of the batch", size));
    auto const x = numbers(y);
    for (Index k = 0; k < size; ++k) {
        xt::xarray<double> one = xt::view(x, k);
        if (!all_.empty() && one.shape() != all_[0].values.shape())
            refuse(where_, y, "of as many numbers as those before");
        add(k, examples, std::move(one));
    }
}

void Predictions::add_sequences(Var const& y, std::span<Index const> lengths, std::span<Index const> examples,
                                bool batch_first) {
    std::size_t const batch = batch_first ? 0 : 1;
    Index const longest     = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
    if (y.shape().size() < 2 || y.shape()[batch] != std::ssize(lengths) || y.shape()[1 - batch] < longest)
        refuse(where_, y, batch_first ? "[B,T,...]" : "[T,B,...]");
    auto const x = numbers(batch_first ? y : swapped(y, where_));
    for (std::size_t k = 0; k < lengths.size(); ++k)
        add(static_cast<Index>(k), examples, xt::view(x, k, xt::range(Index{0}, lengths[k])));
}

void Predictions::sort() {
    std::stable_sort(all_.begin(), all_.end(), [](One const& a, One const& b) { return a.example < b.example; });
}

xt::xarray<double> Predictions::rows() {
    sort();
    std::vector<std::size_t> shape{all_.size()};
    if (!all_.empty()) shape.insert(shape.end(), all_[0].values.shape().begin(), all_[0].values.shape().end());
    xt::xarray<double> out(shape);
    auto to = out.begin();
    for (One const& one : all_) to = std::copy(one.values.begin(), one.values.end(), to);
    return out;
}

std::vector<xt::xarray<double>> Predictions::sequences() {
    sort();
    std::vector<xt::xarray<double>> out;
    for (One& one : all_) out.push_back(std::move(one.values));
    return out;
}

}  // namespace unspool::core
