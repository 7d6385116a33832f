// Records a function beside its point.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <numeric>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/view_copy.hpp>
#include <utility>

namespace unspool::core {

Point::Point(Arena& memory, std::string called, Shape const& s, Param const* p, Numbers values)
    : name(std::move(called)), shape(s), param(p), given(std::move(values)) {
    now = {static_cast<double*>(memory.array(given.size() * sizeof(double))), given.size()};
    restore();
}

void Point::restore() { std::copy(given.begin(), given.end(), now.begin()); }

double Line::unit() const {
    auto const larger = [](double a, double b) { return std::isfinite(b) ? std::max(a, std::abs(b)) : a; };
    if (direction.empty()) return larger(1, point->given[element]);
    double const largest = std::accumulate(point->given.begin(), point->given.end(), 1.0, larger);
    return largest / std::sqrt(static_cast<double>(direction.size()));
}

double Line::least() const {
    if (direction.empty()) return std::abs(point->given[element]);
    double out = std::numeric_limits<double>::infinity();
    for (double x : point->given) out = x == 0 ? out : std::min(out, std::abs(x));
    return std::isfinite(out) ? out : 0;
}

double Line::move(double h) const {
    if (direction.empty()) return (point->now[element] = point->given[element] + h) - point->given[element];
    for (std::size_t i = 0; i < direction.size(); ++i) point->now[i] = point->given[i] + h * direction[i];
    return h;
}

double Line::dot(Numbers const& g) const {
    return direction.empty() ? g[element] : std::inner_product(g.begin(), g.end(), direction.begin(), 0.0);
}

RecordedFunction::RecordedFunction(Differentiable const& f, std::vector<GradInput> const& inputs, Params const* params,
                                   GradcheckOptions const& options, Where where)
    : f_(f), where_(where), mechanisms_(options.mechanisms) {
    for (GradInput const& x : inputs)
        points_.emplace_back(memory_, x.name.empty() ? fmt::format("x{}", points_.size()) : x.name,
                             Shape::of(x.value.shape(), where), nullptr, numbers(x.value));
    if (params)
        for (Param const* p : params->all())
            if (p->trained()) add(*p);
    first_ = result();
    shape_ = last_.shape();
    if (!params) add_used();
    if (options.jitter == 0) return;
    Random random(options.seed);
    for (Point& p : points_)
        for (double& x : p.given) x += p.param ? options.jitter * random.normal() : 0;
    for (Point& p : points_) p.restore();
    surrogates_.forget();
    first_ = result();
}

void RecordedFunction::add(Param const& p) {
    points_.emplace_back(memory_, p.path(), p.shape(), &p,
                         dispatch(p.dtype(), [&](auto t) { return numbers(p.value<decltype(t)>(where_)); }));
}

void RecordedFunction::add_used() {
    for (Node const* n : tape_.nodes())
        if (n->param && n->param->trained() &&
            std::none_of(points_.begin(), points_.end(), [&](Point const& p) { return p.param == n->param; }))
            add(*n->param);
}

Var RecordedFunction::record() {
    surrogates_.rewind();
    return record(&surrogates_);
}
Var RecordedFunction::record_as_written() { return record(nullptr); }

Var RecordedFunction::record(Surrogates* surrogates) {
    tape_.rewind();
    tape_.mechanisms          = mechanisms_;
    tape_.mechanisms.tangents = surrogates;
    xs_.clear();
    for (Point& p : points_) {
        if (p.param) tape_.substitute(*p.param, p.now.data());
        else xs_.push_back(tape_.input(array_view<double>(p.now.data(), p.shape, row_major(p.shape)), p.name));
    }
    last_ = f_(tape_, xs_);
    if (apart_) tape_.mechanisms.postpone = tape_.mechanisms.pack = false;  // whatever the function set
    if (&last_.tape(where_) != &tape_)
        throw TapeError(located(where_, "gradcheck: the result of the function is not on the tape that it was given"));
    return last_;
}

namespace {

Numbers numbers_of(Var const& x) {
    auto const v = x.value<double>();
    return is_contiguous(x.window()) ? Numbers(v.data(), v.data() + v.size()) : numbers(v);
}

}  // namespace

Numbers RecordedFunction::result() { return numbers_of(record()); }

std::vector<Numbers> RecordedFunction::gradients(Var const& y, Numbers const& seed) {
    std::vector<Numbers> out;
    if (!y.requires_grad()) {
        for (Point const& p : points_) out.emplace_back(p.given.size(), 0);
        return out;
    }
    Gradients const g = backward(y, array_view(seed.data(), y.shape(), row_major(y.shape())));
    auto x            = xs_.begin();
    for (Point const& p : points_)
        out.push_back(numbers(p.param ? g[*p.param].value<double>() : g[*x++].value<double>()));
    return out;
}

namespace {

/// What a node is, without the numbers in its equation.
std::size_t kind_of(Node const& n) {
    std::size_t out = std::hash<void const*>{}(n.rule);
    auto const mix  = [&](std::size_t h) { out = (out ^ h) * 0x9E3779B97F4A7C15ull + 1; };
    mix(std::hash<std::string_view>{}(n.value.where.file)), mix(n.value.where.line);
    for (Index d : n.value.shape) mix(static_cast<std::size_t>(d));
    for (Window const* w : n.operands) mix(w->node);
    if (n.rule) mix(hash_without_numbers(n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"))));
    return out;
}

}  // namespace

Snapshot RecordedFunction::snapshot() {
    record();
    Snapshot out;
    auto read = [&](Window const& w) { return numbers_of(Var(tape_, w)); };
    for (Node const* n : tape_.nodes()) {
        out.values.push_back(read(n->value));
        out.kinds.push_back(kind_of(*n));
        for (Window const* w : n->operands)
            if (w->node == no_node) out.loose.push_back(read(*w));
    }
    return out;
}

Snapshot RecordedFunction::snapshot_at(Line const& line, double h) {
    line.move(h);
    Snapshot out = snapshot();
    line.point->restore();
    return out;
}

namespace {

/// While it lives, a function is recorded by other mechanisms.
class By {
public:
    By(Mechanisms& used, Mechanisms const& these) : used_(used), before_(std::exchange(used, these)) {}
    ~By() { used_ = before_; }
    By(By const&)            = delete;
    By& operator=(By const&) = delete;

private:
    Mechanisms& used_;
    Mechanisms before_;
};

}  // namespace

Numbers RecordedFunction::plain_result() {
    By const plain(mechanisms_, no_mechanisms());
    return result();
}

Snapshot RecordedFunction::plain_snapshot() {
    By const plain(mechanisms_, no_mechanisms());
    return snapshot();
}

Snapshot RecordedFunction::plain_snapshot_at(Line const& line, double h) {
    By const plain(mechanisms_, no_mechanisms());
    return snapshot_at(line, h);
}

std::vector<Numbers> RecordedFunction::gradients_attached(Numbers const& seed) {
    Mechanisms attached = mechanisms_;
    attached.attach     = true;
    By const these(mechanisms_, attached);
    return gradients(record(), seed);
}

bool RecordedFunction::loose() const {
    auto const no_node_of = [](Window const* w) { return w->node == no_node; };
    if (no_node_of(&last_.window())) return true;
    auto const all = tape_.nodes();
    return std::any_of(all.begin(), all.end(),
                       [&](Node const* n) { return std::any_of(n->operands.begin(), n->operands.end(), no_node_of); });
}

void RecordedFunction::stand_alone() {
    f_ = {};
    for (Node const* n : tape_.nodes())
        if (n->param)
            const_cast<Node*>(n)->param =
                &own_.emplace_back(n->param->path(), n->param->shape(), n->param->dtype(), n->param->trained());
}

std::vector<bool> RecordedFunction::reached() const {
    std::vector<bool> out(tape_.size(), false);
    NodeId const top = last_.window().node;
    if (top == no_node) return out;
    out[top] = true;
    for (NodeId id = top + 1; id-- > 0;)
        for (Window const* w : tape_[id].operands)
            if (out[id] && w->node != no_node) out[w->node] = out[w->node] || tape_[w->node].requires_grad;
    return out;
}

std::vector<NodeId> RecordedFunction::nodes_of(Point const& p) const {
    std::vector<NodeId> out;
    if (!p.param) out.push_back(xs_[static_cast<std::size_t>(&p - points_.data())].window().node);
    for (NodeId id = 0; p.param && id < tape_.size(); ++id)
        if (tape_[id].param == p.param) out.push_back(id);
    return out;
}

}  // namespace unspool::core
