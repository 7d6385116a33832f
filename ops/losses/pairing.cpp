// Which operands of losses belong together, and what was probably meant where they do not.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/losses/pairing.hpp>

namespace unspool::core {

std::optional<Shape> shape_of(Param const& p, Where) { return p.shape(); }

namespace {

Shape without_ones(Shape const& s) {
    Shape out;
    for (Index n : s)
        if (n != 1) out.push_back(n);
    return out;
}

/// Has `b` as many axes as `a`, each as long or 1?
bool repeats_on_its_own_axes(Shape const& b, Shape const& a) {
    return b.size() == a.size() &&
           std::equal(b.begin(), b.end(), a.begin(), [](Index n, Index m) { return n == m || n == 1; });
}

std::string reshaped(std::string_view role, Shape const& to) {
    return fmt::format("reshape({}, {{{}}})", role, text(to).substr(1, text(to).size() - 2));
}

/// "; transpose(target) fits", or nothing.
std::string likely_cause(Sized const& first, Sized const& other, bool is_target) {
    Shape const &a = *first.shape, &b = *other.shape;
    if (a.empty()) return fmt::format("; the {} is a single number: was it averaged already?", first.role);
    if (without_ones(a) == without_ones(b))
        return fmt::format("; they differ by an axis of size 1: {} fits", reshaped(first.role, b));
    if (b.size() > 1 &&
        std::equal(a.begin(), a.end(), std::reverse_iterator(b.end()), std::reverse_iterator(b.begin())))
        return fmt::format("; transpose({}) fits", other.role);
    if (count(a) == count(b)) return fmt::format("; {} fits", reshaped(other.role, a));
    if (Shape rest = a; is_target && (rest.pop_back(), rest == b))
        return "; if the last axis is of classes, cross_entropy takes their numbers as targets";
    if (Shape all = a; !broadcast(all, b) || !(all == a)) return "";
    if (!is_target) return fmt::format("; a {} for a whole axis has the size 1 there, and as many axes", other.role);
    return fmt::format("; nothing repeats by itself: broadcast_to({}, {}.shape()), if that is meant", other.role,
                       first.role);
}

std::vector<Shown> shown(std::span<Sized const> all) {
    std::vector<Shown> out;
    for (Sized const& x : all) {
        std::string name(x.role);
        if (!x.var.empty())
            if (std::string const given = given_name(x.var.tape(), x.var.window()); !given.empty() && given != name)
                name += " " + given;
        if (x.shape) out.push_back({name, *x.shape});
    }
    return out;
}

bool is_pair(Shape const& a, Shape const& b, bool is_target) {
    return a == b || b.empty() || (!is_target && repeats_on_its_own_axes(b, a));
}

}  // namespace

void require_pairs(std::string_view op, std::span<Sized const> all, std::size_t pairs, Where where) {
    Sized const& first = all.front();
    for (std::size_t k = 1; k < all.size(); ++k) {
        Sized const& other = all[k];
        if (!first.shape || !other.shape || is_pair(*first.shape, *other.shape, k < pairs)) continue;
        throw ShapeError(describe(
            where, op,
            fmt::format("the {} is {}, but the {} {}", first.role, text(*first.shape), other.role, text(*other.shape)),
            fmt::format("one {} for each {}{}", other.role, first.role, likely_cause(first, other, k < pairs)),
            shown(all)));
    }
}

void require_repeats(std::string_view op, std::optional<Shape> const& losses, Sized const& x, Where where) {
    Shape all = losses.value_or(Shape{});
    if (!losses || (broadcast(all, *x.shape) && all == *losses)) return;
    std::array const both{Sized{"losses", losses}, x};
    throw ShapeError(
        describe(where, op, fmt::format("the {} is {}, but the losses {}", x.role, text(*x.shape), text(*losses)),
                 fmt::format("a {} of the shape of the losses, or one that repeats to it", x.role), shown(both)));
}

Var like_column(std::optional<Shape> const& predictions, Var targets, Where where) {
    Shape column = targets.shape(where);
    column.push_back(1);
    return predictions == column ? reshape(targets, column, where.inside()) : targets;
}

namespace {

bool is_target(TargetsAre are, double t) {
    switch (are) {
        case TargetsAre::numbers: return true;
        case TargetsAre::probabilities: return !(t < 0 || t > 1);
        case TargetsAre::signs: return std::isnan(t) || t == 1 || t == -1;
        case TargetsAre::not_negative: return !(t < 0);
    }
    return true;
}

std::string_view expected(TargetsAre are) {
    switch (are) {
        case TargetsAre::numbers: return "";
        case TargetsAre::probabilities:
            return "targets in [0, 1]; classes −1 and 1 are (t + 1) / 2, and more than two classes a case for "
                   "cross_entropy";
        case TargetsAre::signs: return "targets −1 or 1; classes 0 and 1 are 2 t − 1";
        case TargetsAre::not_negative: return "targets of at least 0";
    }
    return "";
}

[[noreturn]] void refuse_target(std::string_view op, TargetsAre are, std::string const& at, double t,
                                std::span<Shown const> all, Where where) {
    throw ValueError(describe(where, op, fmt::format("target{} is {}", at, t), expected(are), all));
}

/// The strides by which an array is read at the places of a larger one.
struct Reading {
    Window const& w;
    Strides strides;
    Reading(Var const& x, Shape const& all) : w(x.window()), strides(broadcast_strides(w.shape, w.strides, all)) {}

    template <Real T> T at(Index const* place) const {
        Index offset = 0;
        for (std::size_t i = 0; i < strides.size(); ++i) offset += place[i] * strides[i];
        return static_cast<T const*>(w.data)[offset];
    }
};

}  // namespace

void require_target(std::string_view op, TargetsAre are, double t, Where where) {
    if (!is_target(are, t)) refuse_target(op, are, "", t, {}, where);
}

void require_targets(std::string_view op, TargetsAre are, Var const& targets, Var const& mask, Where where) {
    Shape all = targets.shape(where);
    if (targets.requires_grad(where) || (!mask.empty() && !broadcast(all, mask.shape(where)))) return;
    Reading const t(targets, all), m(mask.empty() ? targets : mask, all);
    dispatch(targets.dtype(where), [&](auto type) {
        using T = decltype(type);
        each_index(all, [&](Index const* at) {
            auto const x = static_cast<double>(t.at<T>(at));
            if (is_target(are, x) || (!mask.empty() && m.at<T>(at) == T(0))) return;
            refuse_target(op, are, fmt::format("[{}]", fmt::join(at, at + all.size(), ",")), x,
                          std::array{Shown{"target", targets.shape()}}, where);
        });
    });
}

}  // namespace unspool::core
