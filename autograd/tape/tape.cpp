// How a tape records, forgets, and lifts parameters.
#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <unspool/autograd/cpu/processor.hpp>
#include <unspool/autograd/cpu/trace.hpp>
#include <unspool/autograd/tape/at_weights.hpp>
#include <unspool/autograd/tape/bad_value.hpp>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

Tape::Tape(Dtype dtype) : dtype_(dtype), presence_(Presence::of(*this)) {
    try {
        check_processor();
        make_room_for_cut();
    } catch (...) {
        presence_.end();
        throw;
    }
    cuts_.push_back({epoch(), {}});  // all of the tapes before, whose presence this was
    make_room_for_cut();
}
Tape::~Tape() { presence_.end(); }

namespace {

void* memory_for(Arena& arena, Shape const& shape, Dtype dtype, Where where) {
    Index const n = elements_or_none({shape.begin(), shape.end()});
    if (n < 0) throw ShapeError(fmt::format("{}: no array can have the shape {}", text(where), text(shape)));
    std::size_t const bytes = static_cast<std::size_t>(n) * size_of(dtype);
    try {
        return arena.array(bytes);
    } catch (MemoryError const&) {
        throw MemoryError(
            fmt::format("{}: out of memory: an array of the shape {} takes {} bytes", text(where), text(shape), bytes));
    }
}

/// A node that is not recorded yet, with a contiguous value at `data`.
Node* make_node(Arena& arena, Shape const& shape, void* data, Where where) {
    return ::new (arena.allocate(sizeof(Node), alignof(Node)))
        Node{{data, no_node, shape, row_major(shape), nullptr, {}, {}, where, {}}};
}

/// From 1.  No address, which a later thread may have again.
std::atomic<std::uint64_t> threads{0};
[[gnu::tls_model("initial-exec")]] constinit thread_local std::uint64_t this_thread = 0;  // 0: not known yet

}  // namespace

void Tape::require_recorder(Where where) {
    if (this_thread == 0) this_thread = ++threads;
    if (recorder_ == this_thread) return;
    if (recorder_)
        throw TapeError(located(where,
                                "another thread has recorded on this tape since it was rewound: a tape is of one "
                                "thread at a time; make one for each, or call hand_over() where one goes on "
                                "after the other"));
    recorder_ = this_thread;
}

Node* Tape::allocate(Shape const& shape, Where where) {
    require_recorder(where);
    if (behalf_) where = *behalf_;
    return make_node(arena_, shape, memory_for(arena_, shape, dtype_, where), where);
}

Node* Tape::allocate_at(void* data, Shape const& shape, Where where) {
    require_recorder(where);
    return make_node(arena_, shape, data, where);
}

Node* Tape::allocate_in(Var const& all, At element, Where where) {
    Window const& w = all.window(where);
    if (recording()) {
        Window const& host = all[element].window();
        Node* const n      = allocate_at(host.data, host.shape, where);
        n->host            = &host;
        return n;
    }
    Index const offset = element.i * w.strides[0] * static_cast<Index>(size_of(dtype_));
    Node* const n      = allocate_at(static_cast<std::byte*>(w.data) + offset, w.shape, where);
    n->value.shape.erase(0), n->value.strides.erase(0);
    return n;
}

Var Tape::record(Node* n, Rule const* rule, std::span<Window const* const> operands, void const* attributes) {
    n->rule       = rule;
    n->operands   = operands;
    n->attributes = attributes;
    if (at_weights_) at_weights_->made(*n);
    if (trace_here) trace_here->tell(this);
    if (!recording()) return {*this, n->value};
    for (auto* x : operands) n->requires_grad |= requires_grad(*x);
    return append(n);
}

Var Tape::zeros(Shape const& shape, Where where) {
    return filled(shape, where, [](auto values) { std::fill(values.begin(), values.end(), 0); });
}

Var Tape::append_leaf(Node* n, bool requires_grad, std::string_view name) {
    if (trace_here) trace_here->give_up();
    n->value.name    = arena_.copy(name);
    n->requires_grad = requires_grad;
    return recording() || requires_grad ? append(n) : Var(*this, n->value);
}

Var Tape::append(Node* n) {
    n->value.node = size();
    n->scope      = scope_;
    nodes_.push_back(n);
    if (checked_) refuse_bad_value();
    return {*this, n->value};
}

void Tape::check_values(double bound, Where where) {
    if (!(bound >= 0))
        throw ValueError(
            fmt::format("{}: check_values: the bound is {}, but must not be negative", text(where), bound));
    checked_ = true, bound_ = bound;
}

void Tape::refuse_bad_value() {
    Mark without = mark();
    --without.size;
    Attempt const attempt(*this, without);
    if (auto const bad = bad_value(*this, size() - 1, bound_)) throw ValueError(text(*bad));
}

bool LeafOfParam::up_to_date(Param const& p) const {
    return serial == p.serial() && (substituted || version == p.version());
}

Var Tape::lift(Param const& p, Where where) {
    if (!replacements_.empty())
        if (auto const it = replacements_.find(&p); it != replacements_.end()) return it->second->by;
    auto const right = [&](NodeId id) {
        return id < size() && nodes_[id]->param == &p &&
               static_cast<LeafOfParam const*>(nodes_[id]->attributes)->up_to_date(p);
    };
    NodeId id = p.met_.load(std::memory_order_relaxed);
    if (!right(id)) {
        auto const known = params_.find(&p);
        if (known == params_.end() || !right(known->second)) return append_param(p, where);
        p.met_.store(id = known->second, std::memory_order_relaxed);
    }
    return {*this, nodes_[id]->value};
}

Var Tape::append_param(Param const& p, Where where) {
    require_recorder(where);
    p.require_readable(where);
    if (auto model = p.model(); model && (kept_.empty() || kept_.back() != model)) keep(std::move(model));
    auto const it          = substitutes_.find(&p);
    bool const substituted = it != substitutes_.end();
    void* const data = substituted ? it->second : p.dtype() == dtype_ ? const_cast<void*>(p.data()) : converted(p);
    Node* const n    = make_node(arena_, p.shape(), data, {});
    auto* kept       = arena_.make<LeafOfParam>(p.serial(), p.version(), substituted, Reusable{&arena_}, leaves_);
    n->attributes    = kept;
    n->param         = &p;
    n->requires_grad = p.trained();
    NodeId& known    = params_[&p];
    Var const out    = append(n);
    n->scope         = nullptr;  // it belongs to no module that uses it
    known            = out.window().node;
    leaves_          = kept;
    return out;
}

void* Tape::converted(Param const& p) {
    void* out = arena_.array(static_cast<std::size_t>(p.count()) * size_of(dtype_));
    dispatch(p.dtype(), [&](auto from) {
        dispatch(dtype_, [&](auto to) {
            auto const* x = static_cast<decltype(from) const*>(p.data());
            std::transform(x, x + p.count(), static_cast<decltype(to)*>(out),
                           [](auto v) { return static_cast<decltype(to)>(v); });
        });
    });
    return out;
}

void Tape::substitute(Param const& p, void* value) { substitutes_[&p] = value; }

void Tape::replace(Param const& p, Var x, Where where) {
    Window const& w = window(x, where);
    if (!(w.shape == p.shape()))
        throw ShapeError(fmt::format("{}: {} {} cannot be read as {} {}", text(where), p.path(), text(p.shape()),
                                     label(x), text(w.shape)));
    auto const known = replacements_.find(&p);
    auto* const now  = arena_.make<Replaced>(Replaced{known == replacements_.end() ? nullptr : known->second, x});
    replacements_.insert_or_assign(&p, now);
}

bool Tape::replaced_since(Mark const& m) const {
    return std::any_of(replacements_.begin(), replacements_.end(),
                       [&](auto const& r) { return !arena_.before(r.second, m.memory); });
}

std::size_t Tape::lasting() const {
    std::size_t n = nodes_.size() + kept_.size();
    for (auto* leaf = leaves_; leaf; leaf = leaf->before)
        for (Packed const* p : {&leaf->reusable.as_stored, &leaf->reusable.transposed}) n += p->panels ? 1u : 0u;
    for (Scanning const* s = scanning_; s; s = s->outer_) n += s->bytes();
    return n;
}

void Tape::reuse(Mark const& m, std::size_t lasted) {
    if (lasting() == lasted && epoch() == m.epoch && scope_ == m.scope && !replaced_since(m) &&
        (!renamed_ || arena_.before(renamed_, m.memory)))
        arena_.rewind(m.memory);
}

void Tape::rewind() {
    take_back({0, {}, nullptr, epoch(), 0});
    substitutes_.clear();
    recorder_ = 0;
}

void Tape::rewind(Mark const& m, Where where) {
    if (!reaches(m)) throw TapeError(text(where) + ": the tape was rewound to before this mark already");
    take_back(m);
}

bool Tape::reaches(Mark const& m) const {
    Arena::Mark const* const cut = lowest_cut(m.epoch);
    return !cut || *cut >= m.memory;
}

Arena::Mark const* Tape::lowest_cut(std::uint32_t since) const {
    auto const it =
        std::upper_bound(cuts_.begin(), cuts_.end(), since, [](std::uint32_t e, Cut const& c) { return e < c.epoch; });
    return it == cuts_.end() ? nullptr : &it->memory;
}

bool Tape::survives(void const* p, std::uint32_t since) const {
    Arena::Mark const* const cut = lowest_cut(since);
    return !cut || arena_.before(p, *cut);
}

void Tape::enter(ScopeRecord const* scope) {
    while (scope && scope->ended) scope = scope->parent;
    scope_ = scope;
}

// There is room for one cut more than there were when a mark was made that is still good: all later ones lie above it, and go.
void Tape::make_room_for_cut() const { cuts_.reserve(2 * cuts_.size() + 2); }

void Tape::take_back(Mark const& m) noexcept {
    nodes_.resize(std::min<std::size_t>(nodes_.size(), m.size));
    while (leaves_ && !arena_.before(leaves_, m.memory)) leaves_ = leaves_->before;
    for (Scanning* s = scanning_; s; s = s->outer_)
        while (s->hoisted_ && !arena_.before(s->hoisted_, m.memory)) s->hoisted_ = s->hoisted_->next;
    for (auto* leaf = leaves_; leaf; leaf = leaf->before)
        leaf->reusable = {&arena_};  // the copies may lie in memory that is taken back
    for (; renamed_ && !arena_.before(renamed_, m.memory); renamed_ = renamed_->before) *renamed_->name = renamed_->old;
    for (auto& [param, now] : replacements_)
        while (now && !arena_.before(now, m.memory)) now = now->before;
    std::erase_if(replacements_, [](auto const& r) { return !r.second; });
    kept_.resize(std::min(kept_.size(), m.kept));
    arena_.rewind(m.memory);
    while (!cuts_.empty() && cuts_.back().memory >= m.memory) cuts_.pop_back();
    cuts_.push_back({++presence_.epoch, m.memory});
    enter(m.scope);
}

Window& Tape::begin_view(Window const& outer, Where where) {
    require_recorder(where);
    auto* w   = arena_.make<Window>(outer);
    w->parent = &outer;
    w->where  = behalf_ ? *behalf_ : where;
    w->name   = {};
    return *w;
}

void Tape::rename(Var const& x, Window const& to) {
    Window const& w = x.window();
    if (w.viewing.kind != Viewing::whole || w.node == no_node) return;
    std::string_view& name = const_cast<Window&>(nodes_[w.node]->value).name;
    renamed_               = arena_.make<Renamed>(Renamed{renamed_, &name, name});
    name                   = to.name;
}

Reusable* Tape::reusable(Window const& w) const {
    if (!mechanisms.pack || w.node == no_node || !nodes_[w.node]->param || w.cover.kind != Cover::all) return nullptr;
    if (!(w.shape == nodes_[w.node]->value.shape) || !is_contiguous(w)) return nullptr;
    return &static_cast<LeafOfParam const*>(nodes_[w.node]->attributes)->reusable;
}

void Tape::refuse(Var const& x, Where where) const {
    static_cast<void>(x.tape(where));  // it may have none
    throw TapeError(located(where, label(x) + " is on another tape"));
}

}  // namespace unspool::core
