// Interval colouring, the largest arrays first.
#include <algorithm>
#include <limits>
#include <unspool/nn/deploy/layout.hpp>
#include <utility>

namespace unspool::core {

namespace {

constexpr Index forever = std::numeric_limits<Index>::max();

class Layout {
public:
    Layout(StepPlan& plan, LayoutOptions const& o) : plan_(plan), options_(o), lives_(plan.arrays.size()) {
        plan_.memory = 0;
        for (std::size_t a = 0; a < plan_.arrays.size(); ++a) plan_.arrays[a].place = -1, plan_.arrays[a].root = a;
        for (auto& s : plan_.state) s.in_place = false, s.staged = -1;
    }

    void run() {
        find_lives();
        update_states_in_place();
        reuse_operands();
        place_all();
    }

private:
    /// Between the nodes that write it first and read it last, both of which have it.
    struct Life {
        Index begin = forever, end = -1;
    };

    Index nodes() const { return std::ssize(plan_.nodes); }
    std::size_t root(std::size_t array) const { return plan_.arrays[array].root; }
    void put_in_place_of(std::size_t array, std::size_t other) { plan_.arrays[array].root = root(other); }
    void use(std::size_t array, Index node) {
        lives_[array].begin = std::min(lives_[array].begin, node);
        lives_[array].end   = std::max(lives_[array].end, node);
    }

    void find_lives() {
        for (std::size_t a : plan_.inputs) use(a, -1);
        for (auto const& s : plan_.state) use(s.array, -1), use(s.next.array, nodes());
        for (auto const& r : plan_.results) use(r.window.array, nodes());
        for (Index k = 0; k < nodes(); ++k) {
            auto const& n = plan_.nodes[static_cast<std::size_t>(k)];
            use(n.result, k);
            for (auto const& w : n.operands) use(w.array, k);
        }
        last_read_of_state_.reserve(plan_.state.size());
        for (auto const& s : plan_.state) last_read_of_state_.push_back(lives_[s.array].end);
        for (auto const& s : plan_.state) lives_[s.array].end = forever;
    }

    /// The node that computes an array; -1 for none.
    Index maker(std::size_t array) const {
        for (Index k = 0; k < nodes(); ++k)
            if (plan_.nodes[static_cast<std::size_t>(k)].result == array) return k;
        return -1;
    }
    bool read_by(Index node, std::size_t array) const {
        auto const& xs = plan_.nodes[static_cast<std::size_t>(node)].operands;
        return std::any_of(xs.begin(), xs.end(), [&](PlannedWindow const& w) { return w.array == array; });
    }

    void update_states_in_place() {
        for (std::size_t k = 0; k < plan_.state.size(); ++k) {
            PlannedState& s     = plan_.state[k];
            std::size_t const a = s.next.array;
            Index const by      = maker(a);
            if (by < 0 || root(a) != a || !is_whole(plan_, s.next) || last_read_of_state_[k] > by) continue;
            auto const& node = plan_.nodes[static_cast<std::size_t>(by)];
            if (read_by(by, s.array) && !may_overwrite(plan_, node, s.array)) continue;
            put_in_place_of(a, s.array);
            s.in_place = true;
        }
    }
    void reuse_operands() {
        for (Index k = 0; k < nodes(); ++k) {
            auto const& n = plan_.nodes[static_cast<std::size_t>(k)];
            if (root(n.result) != n.result) continue;
            for (auto const& w : n.operands) {
                std::size_t const a = root(w.array);
                if (plan_.arrays[a].kind != PlannedArray::value || a == n.result || lives_[a].end != k) continue;
                if (plan_.arrays[w.array].shape == plan_.arrays[n.result].shape && may_overwrite_all(n, a)) {
                    put_in_place_of(n.result, a);
                    lives_[a].end = lives_[n.result].end;
                    break;
                }
            }
        }
    }
    /// Of all arrays in one place, one is alive.
    bool may_overwrite_all(PlannedNode const& n, std::size_t place) const {
        return std::all_of(n.operands.begin(), n.operands.end(), [&](PlannedWindow const& w) {
            return root(w.array) != place || may_overwrite(plan_, n, w.array);
        });
    }

    bool has_place(PlannedArray::Kind kind) const {
        bool const computed = kind == PlannedArray::value;
        return computed || (!options_.values_only && (kind == PlannedArray::input || kind == PlannedArray::state));
    }
    Index padded(Index elements) const { return (elements + options_.unit - 1) / options_.unit * options_.unit; }
    void place_all() {
        std::vector<std::size_t> order;
        for (std::size_t a = 0; a < plan_.arrays.size(); ++a)
            if (root(a) == a && has_place(plan_.arrays[a].kind)) order.push_back(a);
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return count(plan_.arrays[a].shape) > count(plan_.arrays[b].shape);
        });
        for (std::size_t a : order) place(a);
        for (std::size_t a = 0; a < plan_.arrays.size(); ++a) plan_.arrays[a].place = plan_.arrays[root(a)].place;
        for (auto& s : plan_.state)
            if (plan_.arrays[s.next.array].kind == PlannedArray::state)
                s.staged = std::exchange(plan_.memory, plan_.memory + padded(count(s.next.shape)));
    }
    /// At the lowest place that no array takes which lives at the same time.
    void place(std::size_t a) {
        Index const size = padded(count(plan_.arrays[a].shape));
        Index at         = 0;
        for (auto const& t : taken_) {  // by their places
            if (lives_[t.array].end < lives_[a].begin || lives_[a].end < lives_[t.array].begin) continue;
            if (t.begin >= at + size) break;
            at = std::max(at, t.end);
        }
        Taken const own{at, at + size, a};
        taken_.insert(std::upper_bound(taken_.begin(), taken_.end(), own,
                                       [](Taken const& x, Taken const& y) { return x.begin < y.begin; }),
                      own);
        plan_.arrays[a].place = at;
        plan_.memory          = std::max(plan_.memory, at + size);
    }

    struct Taken {
        Index begin, end;
        std::size_t array;
    };

    StepPlan& plan_;
    LayoutOptions options_;
    std::vector<Life> lives_;
    std::vector<Index> last_read_of_state_;
    std::vector<Taken> taken_;
};

}  // namespace

void lay_out(StepPlan& plan, LayoutOptions const& options) { Layout(plan, options).run(); }

}  // namespace unspool::core
