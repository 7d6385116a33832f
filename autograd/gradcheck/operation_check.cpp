// Evaluates formulas token by token, at one element.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <unspool/autograd/gradcheck/operation_check.hpp>
#include <unspool/autograd/statement/run.hpp>

namespace unspool::core {

namespace {

/// One token of a formula: its value, and what reaches it from the result.
struct Part {
    Token const* token;
    Single const* single;
    double const* at = nullptr;     // of a leaf
    double y = 0, g = 0, size = 0;  // the latter of all that g is the sum of
    bool needed = false;            // does anything below it need a gradient?
    std::array<std::size_t, 3> operands{};

    std::size_t arity() const { return single ? static_cast<std::size_t>(token->op->arity) : 0; }
};

double const* element_of(Window const& w, Dims const& at) {
    Index i                  = 0;
    std::size_t const before = at.size() - w.shape.size();
    for (std::size_t a = 0; a < w.shape.size(); ++a) i += w.shape[a] == 1 ? 0 : at[before + a] * w.strides[a];
    return static_cast<double const*>(w.data) + i;
}

/// Of the arrays that the statement's loop walks.
Shape loop_of(Node const& node) {
    Shape loop;
    for (Window const* w : node.operands) broadcast(loop, w->shape);
    return loop;
}

/// An element of them; none where they are empty.
std::optional<Dims> some_element(Node const& node, Random& random) {
    Shape const loop = loop_of(node);
    if (count(loop) == 0) return {};
    Dims at;
    for (Index n : loop) at.push_back(static_cast<Index>(random.below(static_cast<std::uint64_t>(n))));
    return at;
}

std::array<double, 3> arguments(std::vector<Part> const& parts, Part const& p) {
    std::array<double, 3> x{};
    for (std::size_t j = 0; j < p.arity(); ++j) x[j] = parts[p.operands[j]].y;
    return x;
}

/// The statement at one of its elements, token by token.
std::vector<Part> evaluated(Tape const& tape, Node const& node, Statement const& s, Dims const& at) {
    std::vector<Part> out;
    std::vector<std::size_t> stack;
    std::size_t leaf = 0, number = 0;
    for (std::size_t k = 0; k < s.type->tokens.size(); ++k) {
        Part p{&s.type->tokens[k], s.type->singles[k]};
        if (p.token->kind == Token::leaf) {
            p.needed = tape.requires_grad(*node.operands[leaf]);
            p.at     = element_of(*node.operands[leaf++], at);
            p.y      = *p.at;
        } else if (p.token->kind == Token::number) p.y = s.numbers[number++];
        std::copy(stack.end() - static_cast<std::ptrdiff_t>(p.arity()), stack.end(), p.operands.begin());
        stack.resize(stack.size() - p.arity());
        for (std::size_t j = 0; j < p.arity(); ++j) p.needed = p.needed || out[p.operands[j]].needed;
        if (p.single) p.y = p.single->value(arguments(out, p).data());
        stack.push_back(k);
        out.push_back(p);
    }
    return out;
}

void pull_back(std::vector<Part>& parts, double seed) {
    parts.back().g = seed, parts.back().size = std::abs(seed);
    for (std::size_t k = parts.size(); k-- > 0;) {
        Part const& p = parts[k];
        if (!p.single || p.size == 0) continue;
        std::array<double, 3> dx{};
        p.single->adjoints(dx.data(), 1, p.y, arguments(parts, p).data());
        for (std::size_t j = 0; j < p.arity(); ++j) {
            parts[p.operands[j]].g += p.g * dx[j];
            parts[p.operands[j]].size += p.size * std::abs(dx[j]);
        }
    }
}

/// Of the derivative by one operand, where all is finite.
std::optional<Judgement> judgement_by(std::size_t by, Single const& f, std::array<double, 3> x,
                                      NodeCheckOptions const& options) {
    double const y = f.value(x.data()), given = x[by];
    std::array<double, 3> slopes{};
    f.adjoints(slopes.data(), 1, y, x.data());
    if (!std::isfinite(given) || !std::isfinite(y) || !std::isfinite(slopes[by])) return {};
    Numbers const here{y};
    Weights const weights{{}, {1}};
    auto const value = [&](double& h) {
        h = (x[by] = given + h) - given;
        return Numbers{f.value(x.data())};
    };
    // It is rounded by nothing but its result, so that what does not change is constant unless the result is large.
    auto const rest = [&](double, double moved) {
        double change = 0;
        for (double h : {-moved, moved}) change = std::max(change, std::abs(value(h)[0] - y));
        x[by] = given;
        return change <= 2 * rounding * std::abs(y) ? Rest::rounded : Rest::constant;
    };
    constexpr double fine = 2e-15;  // of a number: some roundings
    double const largest  = std::max({std::abs(slopes[0]), std::abs(slopes[1]), std::abs(slopes[2])});
    double const computed = std::max({std::abs(x[0]), std::abs(x[1]), std::abs(x[2]), std::abs(y), 1.0});
    Judgement out         = judge({{slopes[by], scale_of(largest, std::abs(y))}},
                                  {options.step * std::max(1.0, std::abs(given)), fine * std::max(1.0, std::abs(given))},
                                  {here, weights, value, rest}, options.tolerance);
    if (rests_by_rounding(out, computed) || (out.unresolved() && within_roundings(out, computed)))
        out.verdict = Agreement::zero;
    return out;
}

/// What is wrong with it, if something is.
std::optional<Judgement> wrong_by(std::size_t by, Single const& f, std::array<double, 3> const& x,
                                  NodeCheckOptions const& options) {
    auto const out = judgement_by(by, f, x, options);
    return out && out->wrong() ? out : std::nullopt;
}

/// Near by, where operands that were equal differ: at ties and kinks, what is taken for the derivative is agreed upon.
std::array<double, 3> beside(std::array<double, 3> x) {
    double step = 1e-6;
    for (double& v : x) v += (step *= 1.6) * std::max(1.0, std::abs(v));
    return x;
}

class OperationCheck {
public:
    OperationCheck(Tape const& tape, NodeCheckOptions const& options) : tape_(tape), options_(options) {}

    void look_at(Node const& node, Statement const& s, Dims const& at) {
        std::vector<Part> parts = evaluated(tape_, node, s, at);
        pull_back(parts, 1);
        for (Part const& p : parts)
            if (p.single && p.needed && p.g != 0 && std::isfinite(p.g) && std::isfinite(p.y) &&
                times_[p.single]++ < few)
                look_at(node, parts, p);
    }
    std::vector<GradReport::Culprit> found;

private:
    static constexpr int few = 4;
    void look_at(Node const& node, std::vector<Part> const& parts, Part const& p) {
        std::array<double, 3> const x = arguments(parts, p);
        for (std::size_t j = 0; j < p.arity(); ++j) {
            if (!parts[p.operands[j]].needed) continue;
            auto const wrong = wrong_by(j, *p.single, x, options_);
            if (!wrong || !wrong_by(j, *p.single, beside(x), options_)) continue;
            found.push_back(
                culprit(tape_, node.value.node, fmt::format("wrong derivative of {} within it", p.token->op->name)));
            found.back().operand = j, found.back().by = fmt::format("{:.7g}", x[j]);
            found.back().backward = wrong->backward, found.back().numeric = wrong->numeric;
        }
    }

    Tape const& tape_;
    NodeCheckOptions const& options_;
    std::map<Single const*, int> times_;
};

/// Has every operation that something is passed through the derivative that it should have?
bool sound(std::vector<Part> const& parts, NodeCheckOptions const& options) {
    for (Part const& p : parts) {
        for (std::size_t j = 0; j < p.arity(); ++j) {
            if (p.size == 0 || !parts[p.operands[j]].needed) continue;
            auto const found = judgement_by(j, *p.single, arguments(parts, p), options);
            if (!found || !(found->right() || found->kink())) return false;
        }
    }
    return true;
}

/// Of a statement's result, when it is read with the shape of the loop.
Strides result_strides(Shape const& loop, Reduction const& r) {
    Shape kept = loop;
    for (std::size_t a = 0; a < loop.size() && r.kind != Reduction::none; ++a)
        if (r.axes.all || std::any_of(r.axes.list.begin(), r.axes.list.end(), [&](Index axis) {
                return normalized_axis(axis, loop.rank()) == static_cast<Index>(a);
            }))
            kept[a] = 1;
    return broadcast_strides(kept, row_major(kept), loop);
}

}  // namespace

std::vector<GradReport::Culprit> wrong_operations(Tape const& tape, std::span<NodeId const> nodes,
                                                  NodeCheckOptions const& options) {
    constexpr int elements = 2;
    OperationCheck check(tape, options);
    Random random(options.seed);
    for (NodeId id : nodes)
        if (Statement const* const s = statement_of(tape[id]))
            for (int k = 0; k < elements; ++k)
                if (auto const at = some_element(tape[id], random)) check.look_at(tape[id], *s, *at);
    return std::move(check.found);
}

bool right_by_operations(Tape const& tape, Node const& node, Numbers const& seed, double const* number, double passed,
                         NodeCheckOptions const& options) {
    Statement const* const s = statement_of(node);
    if (!s) return false;
    Shape const loop   = loop_of(node);
    Strides const into = result_strides(loop, s->reduction);
    double sum = 0, size = 0;
    bool right = true;
    each_index(loop, [&](Index const* i) {
        Dims at;
        Index result = 0;
        for (std::size_t a = 0; a < loop.size(); ++a) at.push_back(i[a]), result += i[a] * into[a];
        if (std::none_of(node.operands.begin(), node.operands.end(),
                         [&](Window const* w) { return element_of(*w, at) == number; }))
            return;
        std::vector<Part> parts = evaluated(tape, node, *s, at);
        pull_back(parts, seed[static_cast<std::size_t>(result)] * s->scale);
        for (Part const& p : parts)
            if (p.at == number) sum += p.g, size += p.size;
        right = right && sound(parts, options);
    });
    return right && std::abs(passed - sum) <= options.tolerance.relative * std::abs(sum) + rounding * size;
}

}  // namespace unspool::core
