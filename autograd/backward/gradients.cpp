// The reverse sweep.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <ostream>
#include <unspool/autograd/array/elements.hpp>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

double StridedValues::item(Where where) const {
    if (count(shape_) != 1)
        throw ShapeError(
            fmt::format("{}: item() wants one element, this array has the shape {}", text(where), text(shape_)));
    return dispatch(dtype_, [&](auto t) -> double { return *static_cast<decltype(t) const*>(data_); });
}

void StridedValues::require(Dtype wanted, Where where) const {
    if (wanted != dtype_)
        throw TypeError(located(where, fmt::format("this array is {}, not {}", text(dtype_), text(wanted))));
}

namespace {

/// End to end, in memory of their own.
std::shared_ptr<void const> copied(Values const& from) {
    std::shared_ptr<void> const to =
        system_memory(Arena::padded(static_cast<std::size_t>(count(from.shape())) * size_of(from.dtype())));
    dispatch(from.dtype(), [&](auto t) {
        using T = decltype(t);
        copy<T>({static_cast<T*>(to.get()), from.shape(), row_major(from.shape())},
                {static_cast<T const*>(from.data()), from.shape(), from.strides()}, WriteMode::assign);
    });
    return to;
}

}  // namespace

OwnValues::OwnValues(Values const& from) : OwnValues(copied(from), from) {}
OwnValues::OwnValues(std::shared_ptr<void const> memory, Values const& like)
    : StridedValues(memory.get(), like.dtype(), like.shape(), row_major(like.shape())), memory_(std::move(memory)) {}

std::ostream& operator<<(std::ostream& out, Values const& v) {
    return out << elements_text(v.dtype(), v.data(), v.shape(), v.strides());
}

Gradients::Gradients(Tape const& tape, std::unique_ptr<SweepMemory> memory)
    : tape_(&tape.presence())
    , epoch_(tape.epoch())
    , dtype_(tape.dtype())
    , pool_(tape.scratch())
    , memory_(std::move(memory)) {}
Gradients::Gradients(Gradients&&) noexcept = default;
Gradients& Gradients::operator=(Gradients&& other) noexcept {
    std::swap(tape_, other.tape_), std::swap(epoch_, other.epoch_), std::swap(dtype_, other.dtype_);
    pool_.swap(other.pool_), memory_.swap(other.memory_);
    return *this;
}
Gradients::~Gradients() {
    if (memory_) pool_->idle.push_back(std::move(memory_));
}

SweepMemory& Gradients::memory(Where where) const {
    if (!memory_) throw TapeError(located(where, "these gradients were moved to another variable"));
    return *memory_;
}

void* Gradients::zeros(Shape const& shape) const {
    std::size_t const bytes = static_cast<std::size_t>(count(shape)) * size_of(dtype_);
    return std::memset(memory_->scratch.take(bytes), 0, bytes);
}

Values Gradients::operator[](Asked<Var> asked) const& {
    auto const& [x, where] = asked;
    static_cast<void>(memory(where));
    auto const refuse = [where = asked.where](std::string const& what) { throw TapeError(text(where) + ": " + what); };
    Tape const& tape  = x.tape(where);
    if (&tape.presence() != tape_ || epoch_ < tape_->first)
        refuse(label(x) + " is on another tape than these gradients");
    Window const& w = x.window(where);
    if (!tape.requires_grad(w)) refuse(label(x) + " is a constant: it has no gradient");
    if (!tape.survives(&tape[w.node], epoch_))
        refuse(label(x) + " was recorded after the tape of these gradients was rewound");
    if (w.node >= memory_->slots.size()) return {zeros(w.shape), dtype_, w.shape, row_major(w.shape)};
    Slot const& s = memory_->slots[w.node];
    if (s.state == Slot::released)
        refuse(fmt::format("the gradient of {} was not kept: call backward(loss, Keep::all)", label(x)));
    if (s.state == Slot::untouched) return {zeros(w.shape), dtype_, w.shape, row_major(w.shape)};
    auto const offset = static_cast<std::byte const*>(w.data) - static_cast<std::byte const*>(tape[w.node].value.data);
    return {static_cast<std::byte const*>(s.data) + offset, dtype_, w.shape, w.strides};
}

void* Gradients::find(Param const& p, Where where) const {
    auto const& all = memory(where).by_serial;  // a serial is one parameter's alone
    auto const at   = std::lower_bound(all.begin(), all.end(), p.serial(),
                                       [](Found const& f, std::uint64_t n) { return f.serial < n; });
    return at != all.end() && at->serial == p.serial() ? at->gradient : nullptr;
}

Values Gradients::operator[](Asked<Param> asked) const& {
    Param const& p          = asked.x;
    void const* const found = find(p, asked.where);
    return {found ? found : zeros(p.shape()), dtype_, p.shape(), row_major(p.shape())};
}

std::vector<double> Gradients::flatten(Params const& params, Where where) const {
    std::vector<double> out(static_cast<std::size_t>(params.count()));
    auto to = out.begin();
    for (Param const* p : params.all()) {
        if (void const* const found = find(*p, where))
            dispatch(dtype_, [&](auto t) { std::copy_n(static_cast<decltype(t) const*>(found), p->count(), to); });
        to += p->count();
    }
    return out;
}

bool Gradients::reached(Param const& p, Where where) const { return find(p, where) != nullptr; }
bool Gradients::reached(Var const& x, Where where) const {
    (void)(*this)[{x, where}];  // throws if it cannot be asked for
    auto const& slots = memory().slots;
    NodeId const id   = x.window().node;
    return id < slots.size() && slots[id].state != Slot::untouched;
}

void* Gradients::mutable_data(Param const& p, Dtype wanted, Where where) {
    if (wanted != dtype_)
        throw TypeError(
            fmt::format("{}: the gradient of {} is {}, not {}", text(where), p.path(), text(dtype_), text(wanted)));
    return find(p, where);
}

void Gradients::reach(std::span<Param const* const> params, Where where) {
    std::vector<SweptParam> more;
    for (Param const* p : params)
        if (!find(*p, where)) more.push_back({p, p->serial(), zeros(p->shape())});
    memory(where).append(more);
}

Gradients& Gradients::operator+=(Asked<Gradients> asked) {
    Gradients const& other = asked.x;
    if (other.dtype_ != dtype_)
        throw TypeError(fmt::format("{}: gradients of {} cannot be added to those of {}", text(asked.where),
                                    text(other.dtype_), text(dtype_)));
    std::vector<Param const*> more;
    other.each_param(
        [&](Param const& p) {
            if (!find(p, asked.where)) more.push_back(&p);
        },
        asked.where);
    reach(more, asked.where);
    for (SweptParam const& p : other.memory().params) {
        if (!p.gradient) continue;
        dispatch(dtype_, [&, from = p.gradient, to = find(*p.param), n = p.param->count()](auto t) {
            using T = decltype(t);
            std::transform(static_cast<T const*>(from), static_cast<T const*>(from) + n, static_cast<T*>(to),
                           static_cast<T*>(to), std::plus<T>());
        });
    }
    return *this;
}

namespace {

std::unique_ptr<SweepMemory> idle_memory(Tape const& tape) {
    if (!tape.scratch()) tape.scratch() = std::make_shared<ScratchPool>();
    ScratchPool& pool = *tape.scratch();
    if (pool.idle.empty()) {
        pool.idle.reserve(pool.made + 1);
        auto out = std::make_unique<SweepMemory>();
        ++pool.made;
        return out;
    }
    auto out = std::move(pool.idle.back());
    pool.idle.pop_back();
    return out;
}

void keep_wanted(Adjoints& adjoints, Keep keep) {
    Tape const& tape = adjoints.tape();
    for (NodeId id = 0; id < tape.size(); ++id)
        if (tape[id].requires_grad && (keep == Keep::all || !tape[id].rule)) adjoints.keep(id);
}

void plant(Adjoints& adjoints, Var const& y, void const* seed) {
    Window const& w = y.window();
    Target const t  = adjoints.into_zeroed(w);
    dispatch(y.dtype(), [&](auto type) {
        using T                = decltype(type);
        static constexpr T one = 1;
        T const* const from    = seed ? static_cast<T const*>(seed) : &one;  // without a seed, y is one element
        copy<T>({static_cast<T*>(t.data), w.shape, w.strides}, {from, w.shape, row_major(w.shape)}, WriteMode::add);
    });
}

/// Of the parameters that the sweep reached; others do not matter to it.
void require_unchanged(Adjoints const& adjoints, Where where) {
    auto stale = [](Node const& n) {
        return n.param && !static_cast<LeafOfParam const*>(n.attributes)->up_to_date(*n.param);
    };
    for (NodeId id = 0; id < adjoints.tape().size(); ++id)
        if (Node const& n = adjoints.tape()[id]; adjoints.reached(id) && stale(n))
            throw TapeError(
                fmt::format("{}: parameter {} has changed since this tape read it: rewind the tape and record again",
                            text(where), n.param->path()));
}

}  // namespace

Gradients sweep(Var const& y, void const* seed, Keep keep, Where where, RowSink* rows) {
    Tape& tape      = y.tape(where);
    Window const& w = tape.window(y, where);
    if (!tape.requires_grad(w))
        throw TapeError(fmt::format("{}: {} depends on nothing that has a gradient", text(where), label(y)));
    Gradients out(tape, idle_memory(tape));
    Adjoints adjoints(tape, *out.memory_, rows);
    keep_wanted(adjoints, keep);
    plant(adjoints, y, seed);
    adjoints.sweep(0, w.node + 1);
    adjoints.finish();
    require_unchanged(adjoints, where);
    return out;
}

void require_scalar(Var const& loss, Where where) {
    if (count(loss.shape(where)) != 1)
        throw ShapeError(
            fmt::format("{}: backward wants a scalar, {} has the shape {}: sum it, or pass a seed of its shape",
                        text(where), label(loss), text(loss.shape())));
}

Gradients backward(Var const& loss, Keep keep, Where where) {
    require_scalar(loss, where);
    return sweep(loss, nullptr, keep, where);
}

void require_seed_shape(Var const& y, Shape const& seed, Where where) {
    if (!(seed == y.shape(where)))
        throw ShapeError(fmt::format("{}: backward: {} has the shape {}, its seed {}", text(where), label(y),
                                     text(y.shape()), text(seed)));
}

}  // namespace unspool::core
