// Looks at every element of a tape.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <ostream>
#include <unordered_map>
#include <unspool/autograd/array/elements.hpp>
#include <unspool/autograd/tape/bad_value.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/text/elided.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t most_listed = 10;  // operands

/// Elements of a node's value that later ones were computed in place of: those have to answer for them.
class Overwritten {
public:
    explicit Overwritten(Tape const& tape) : tape_(tape) {
        for (Node const* n : tape.nodes())
            if (n->host) note(*n);
    }
    bool operator()(NodeId id, Index element) const {
        auto const found = elements_.find(id);
        return found != elements_.end() && found->second[static_cast<std::size_t>(element)];
    }

private:
    void note(Node const& guest) {
        Window const& host = tape_[guest.host->node].value;
        auto& flags        = elements_[guest.host->node];
        flags.resize(static_cast<std::size_t>(count(host.shape)));
        auto const apart = static_cast<std::byte const*>(guest.value.data) - static_cast<std::byte const*>(host.data);
        auto const first = apart / static_cast<std::ptrdiff_t>(size_of(tape_.dtype()));
        std::fill_n(flags.begin() + first, count(guest.value.shape), true);
    }

    Tape const& tape_;
    std::unordered_map<NodeId, std::vector<bool>> elements_;
};

template <class F> void each_element(Tape const& tape, Window const& w, F f) {
    dispatch(tape.dtype(), [&](auto t) {
        auto const a = array_view(static_cast<decltype(t) const*>(w.data), w.shape, w.strides);
        Index k      = 0;
        for (auto it = a.template begin<xt::layout_type::row_major>();
             it != a.template end<xt::layout_type::row_major>(); ++it)
            f(k++, static_cast<double>(*it));
    });
}

ValueRange range_of(Tape const& tape, Window const& w) {
    ValueRange out;
    each_element(tape, w, [&](Index, double x) {
        ++out.count, out.nan += std::isnan(x), out.infinite += std::isinf(x);
        if (std::isfinite(x)) out.low = std::min(out.low, x), out.high = std::max(out.high, x);
    });
    return out;
}

void list_operands(Tape const& tape, Node const& n, BadValue& out) {
    std::vector<ValueRange> ranges;
    for (Window const* w : n.operands) ranges.push_back(range_of(tape, *w));
    auto const odd =
        std::find_if(ranges.begin(), ranges.end(), [](ValueRange const& r) { return r.nan + r.infinite > 0; });
    auto const also = odd == ranges.end() ? 0 : static_cast<std::size_t>(odd - ranges.begin());
    for (std::size_t k : some_of(ranges.size(), most_listed, also))
        out.operands.push_back({label(tape, *n.operands[k]), n.operands[k]->shape, ranges[k]});
    out.left_out = ranges.size() - out.operands.size();
}

/// Of this node; elements that `skip(k)` says are not looked at.
template <class Skip> std::optional<BadValue> look(Tape const& tape, NodeId id, double bound, Skip skip) {
    Node const& n = tape[id];
    Index first = -1, bad = 0;
    double value = 0;
    each_element(tape, n.value, [&](Index k, double x) {
        if (std::isfinite(x) && std::abs(x) <= bound) return;
        if (skip(k)) return;
        if (bad++ == 0) first = k, value = x;
    });
    if (bad == 0) return {};
    BadValue out{
        site_of(tape, id), n.value.shape, place(n.value.shape, first), value, bad, bound, range_of(tape, n.value), {}};
    list_operands(tape, n, out);
    return out;
}

void require_bound(double bound) {
    if (!(bound >= 0)) throw ValueError(fmt::format("a bound of values is {}, but must not be negative", bound));
}

}  // namespace

std::optional<BadValue> bad_value(Tape const& tape, NodeId id, double bound) {
    require_bound(bound);
    return look(tape, id, bound, [](Index) { return false; });
}

std::optional<BadValue> first_bad_value(Tape const& tape, double bound) {
    require_bound(bound);
    Overwritten const overwritten(tape);
    for (NodeId id = 0; id < tape.size(); ++id)
        if (auto found = look(tape, id, bound, [&](Index k) { return overwritten(id, k); })) return found;
    return {};
}

std::string text(ValueRange const& r) {
    std::string out = r.low <= r.high ? fmt::format("from {:.4g} to {:.4g}", r.low, r.high) : "";
    auto add        = [&](Index n, char const* what) {
        if (n > 0) out += fmt::format("{}{} of {} {}", out.empty() ? "" : ", ", n, r.count, what);
    };
    add(r.nan, "NaN"), add(r.infinite, "infinite");
    return out.empty() ? "empty" : out;
}

std::string text(BadValue const& b) {
    bool const large = std::isfinite(b.value);
    Site const& s    = b.site;
    std::string out  = s.where.line > 0 ? text(s.where) + ": " : "";
    if (s.formula.empty()) out += fmt::format("{} {}", s.op, s.name);
    else
        out += s.name == s.formula ? s.formula : s.name + " = " + s.formula;  // a part of a statement has no other name
    out += fmt::format(" is {:.6g}{}{}", std::isnan(b.value) ? std::abs(b.value) : b.value, b.at.empty() ? "" : " at ",
                       b.at);
    if (large) out += fmt::format(", above the bound {:g}", b.bound);
    if (b.bad > 1) out += fmt::format(", one of {} such among {} elements", b.bad, b.range.count);
    if (!s.module.empty()) out += ", in " + s.module;
    if (s.step >= 0) out += fmt::format(", time step {}", s.step);
    std::size_t width = 0;
    for (auto const& o : b.operands) width = std::max(width, columns(o.name));
    for (auto const& o : b.operands)
        out += fmt::format("\n    {}{}  {}  {}", o.name, std::string(width - columns(o.name), ' '), text(o.shape),
                           text(o.range));
    if (b.left_out > 0) out += fmt::format("\n    and {} more", b.left_out);
    return out;
}

std::ostream& operator<<(std::ostream& out, BadValue const& b) { return out << text(b); }

}  // namespace unspool::core
