// How single nodes are put to the test.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/operation_check.hpp>
#include <unspool/autograd/gradcheck/passed_back.hpp>
#include <unspool/autograd/tape/label.hpp>

namespace unspool::core {

namespace {

using Culprit = GradReport::Culprit;

/// Do two arrays differ by more than the order of their sums explains?
std::optional<std::size_t> first_difference(Numbers const& a, Numbers const& b) {
    double largest = 0;
    for (double x : a) largest = std::max(largest, std::isfinite(x) ? std::abs(x) : 0);
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!(a[i] == b[i] || std::abs(a[i] - b[i]) <= 1e-11 * largest) && !(std::isnan(a[i]) && std::isnan(b[i])))
            return i;
    return {};
}

double largest(Numbers const& x) {
    return std::accumulate(x.begin(), x.end(), 0.0, [](double a, double b) { return std::max(a, std::abs(b)); });
}

/// The test of one node.
class Trial {
public:
    Trial(Tape const& tape, IsolatedNode& shadow, Numbers const& seed, std::vector<Numbers> const& passed,
          NodeCheckOptions const& options, Random& random)
        : tape_(tape), shadow_(shadow), here_(shadow.compute()), weights_{{}, seed}, options_(options) {
        for (Movable const& e : shadow.elements()) {
            auto const& sources = shadow.sources();
            backward_.push_back(passed[static_cast<std::size_t>(std::find(sources.begin(), sources.end(), e.node) -
                                                                sources.begin())][e.index]);
            direction_.push_back(random.weight());
        }
        double const natural = largest(here_) / std::max(1.0, largest(shadow.given()));  // less may be rounding
        scale_               = scale_of(std::max(largest(backward_), natural), largest(here_));
        reads_               = std::max(1.0, largest(shadow.given()));
    }

    /// The worst of the wrong elements of each operand that has some.
    std::vector<Culprit> run() {
        std::vector<Culprit> out;
        for (std::size_t begin = 0, end = 0; begin < shadow_.elements().size(); begin = end) {
            std::size_t const k = shadow_.elements()[begin].operand;
            while (end < shadow_.elements().size() && shadow_.elements()[end].operand == k) ++end;
            if (auto found = operand(begin, end)) out.push_back(*found);
        }
        return out;
    }

private:
    struct Part {
        std::size_t begin, end;
    };

    /// One by one, or, where there are many, together, and the halves of what is not right.
    std::optional<Culprit> operand(std::size_t begin, std::size_t end) {
        std::vector<Part> open;
        if (end - begin > options_.few) open.push_back({begin, end});
        else
            for (std::size_t i = begin; i < end; ++i) open.push_back({i, i + 1});
        Judgement worst;
        std::size_t at = 0;
        for (int looked = 0; !open.empty() && looked < options_.many; ++looked) {
            Part const p = open.back();
            open.pop_back();
            Judgement const j = judge_part(p);
            if (j.right() || rests_by_rounding(j, reads_)) continue;
            if (options_.proven && p.end - p.begin == 1 && !j.wrong())
                *options_.proven = *options_.proven && (explained(j) || right_by_operations(p.begin));
            if (p.end - p.begin > 1) {
                std::size_t const middle = std::midpoint(p.begin, p.end);
                open.push_back({middle, p.end}), open.push_back({p.begin, middle});
            } else if (j.wrong()) {
                if (!worst.wrong() || j.error > worst.error) at = p.begin, worst = j;
                if (end - begin > options_.few) break;  // its fellows would take as many halves each
            }
        }
        if (!worst.wrong() || right_by_operations(at)) return {};
        return described(shadow_.elements()[at], worst);
    }

    /// A kink that the claim is within, or less than roundings of what is read may do.
    bool explained(Judgement const& j) const {
        return j.kink() || within_roundings(j, std::max(reads_, largest(here_)));
    }
    /// What is made of roundings, as y / y - 1 is, no difference of the whole tells.
    bool right_by_operations(std::size_t i) const {
        Movable const& e     = shadow_.elements()[i];
        auto const* const at = static_cast<double const*>(tape_[e.node].value.data) + e.index;
        return unspool::core::right_by_operations(tape_, shadow_.node(), weights_.all, at, backward_[i], options_);
    }

    Judgement judge_part(Part p) {
        bool const single = p.end - p.begin == 1;
        double backward = 0, unit = 1, least = std::numeric_limits<double>::infinity();
        for (std::size_t i = p.begin; i < p.end; ++i) {
            backward += single ? backward_[i] : backward_[i] * direction_[i];
            double const x = std::abs(shadow_.given()[i]);
            unit = std::max(unit, x), least = x == 0 && !single ? least : std::min(least, x);
        }
        unit /= std::sqrt(static_cast<double>(p.end - p.begin));
        Profile const along{here_, weights_, [&](double& h) { return value(p, h); }, {}};
        return judge({{backward, scale_}}, steps_at(options_.step, unit, std::isfinite(least) ? least : 0), along,
                     options_.tolerance);
    }

    Numbers value(Part p, double& h) {
        h           = move(p, h);
        Numbers out = shadow_.compute();
        move(p, 0);
        return out;
    }
    double move(Part p, double h) {
        bool const single = p.end - p.begin == 1;
        for (std::size_t i = p.begin; i < p.end; ++i)
            *shadow_.elements()[i].now = shadow_.given()[i] + (single ? h : h * direction_[i]);
        return single ? *shadow_.elements()[p.begin].now - shadow_.given()[p.begin] : h;
    }

    Culprit described(Movable const& e, Judgement const& j) const {
        Window const& w = *shadow_.node().operands[e.operand];
        Culprit out     = culprit(tape_, shadow_.node().value.node, "wrong gradient");
        out.operand     = e.operand;
        out.by = label(tape_, w), out.at = place(w.shape, e.place);
        out.backward = j.backward, out.numeric = j.numeric;
        return out;
    }

    Tape const& tape_;
    IsolatedNode& shadow_;
    Numbers const here_;
    Weights const weights_;
    NodeCheckOptions const& options_;
    Numbers backward_, direction_;
    double scale_ = 1, reads_ = 1;  // of the gradients, and of what it reads
};

std::vector<bool> shares_memory(Tape const& tape) {
    std::vector<bool> out(tape.size(), false);
    for (NodeId id = 0; id < tape.size(); ++id)
        if (Window const* const host = tape[id].host) out[id] = out[host->node] = true;
    return out;
}

Culprit another_value(Tape const& tape, NodeId id, std::size_t i, double recorded, double computed) {
    Culprit out  = culprit(tape, id, "its value is not what it computes from its operands");
    out.at       = place(tape[id].value.shape, static_cast<Index>(i));
    out.backward = recorded, out.numeric = computed;
    return out;
}

}  // namespace

Culprit culprit(Tape const& tape, NodeId id, std::string what) {
    Culprit out;
    out.site = site_of(tape, id);
    out.what = std::move(what);
    return out;
}

std::vector<Culprit> wrong_nodes(Tape const& tape, std::vector<bool> const& which, NodeCheckOptions const& options) {
    std::vector<Culprit> out;
    std::vector<bool> const shared = shares_memory(tape);
    PassedBack passed_back(tape);
    Random random(options.seed);
    Arena memory;
    for (NodeId id = 0; id < tape.size(); ++id) {
        Node const& node = tape[id];
        if (!node.rule || !node.requires_grad || !which[id] || shared[id]) continue;
        memory.rewind({});
        IsolatedNode shadow(tape, node, memory);
        Numbers const recorded =
            numbers(array_view(static_cast<double const*>(node.value.data), node.value.shape, node.value.strides));
        if (auto const i = first_difference(recorded, shadow.compute())) {
            out.push_back(another_value(tape, id, *i, recorded[*i], shadow.compute()[*i]));
            continue;
        }
        Numbers const seed = random_weights(random, recorded);
        auto const passed  = passed_back(shadow, seed);
        for (Culprit& c : Trial(tape, shadow, seed, passed, options, random).run()) out.push_back(std::move(c));
    }
    return out;
}

namespace {

/// Is the node's value elsewhere what its operands there give?
bool follows(Tape const& tape, Node const& node, Snapshot const& moved, Arena& memory) {
    memory.rewind({});
    IsolatedNode shadow(tape, node, memory);
    for (NodeId source : shadow.sources()) shadow.set(source, moved.values[source]);
    return !first_difference(moved.values[node.value.node], shadow.compute());
}

}  // namespace

std::vector<Culprit> unrecorded(Tape const& tape, Snapshot const& here, Snapshot const& moved) {
    std::vector<Culprit> out;
    std::size_t loose = 0;
    Arena memory;
    if (here.kinds.size() != moved.kinds.size()) return out;
    for (NodeId id = 0; id < tape.size(); ++id) {
        Node const& node   = tape[id];
        bool const changed = here.values[id] != moved.values[id];
        bool around        = false;  // it reads what has moved, and passes nothing back
        for (std::size_t k = 0; k < node.operands.size(); ++k) {
            Window const& w = *node.operands[k];
            bool const v    = w.node == no_node ? here.loose[loose] != moved.loose[loose]
                                                : here.values[w.node] != moved.values[w.node];
            loose += w.node == no_node;
            if (w.node == no_node && v && !around)
                out.push_back(culprit(
                    tape, id, fmt::format("its operand {} depends on the inputs, but was detached", label(tape, w))));
            around = around || (v && !tape.requires_grad(w));
        }
        if (!node.rule && changed && !node.requires_grad)
            out.push_back(
                culprit(tape, id, "a constant that depends on the inputs: read out of the tape, perhaps by value()"));
        if (node.rule && changed && !around && here.kinds[id] == moved.kinds[id] && !node.host &&
            !follows(tape, node, moved, memory))
            out.push_back(culprit(tape, id,
                                  "it depends on the inputs by more than its operands: a number read out of the "
                                  "tape, perhaps by item()"));
    }
    return out;
}

std::vector<Culprit> merged(std::vector<Culprit> const& all) {
    std::vector<Culprit> out;
    auto const alike = [](Culprit const& a, Culprit const& b) {
        return a.site.where.line == b.site.where.line && std::string_view(a.site.where.file) == b.site.where.file &&
               a.site.op == b.site.op && a.operand == b.operand && a.what == b.what;
    };
    for (Culprit const& c : all) {
        auto const known = std::find_if(out.begin(), out.end(), [&](Culprit const& o) { return alike(o, c); });
        if (known == out.end()) out.push_back(c), out.back().last_step = c.site.step;
        else ++known->nodes, known->last_step = c.site.step;
    }
    return out;
}

}  // namespace unspool::core
