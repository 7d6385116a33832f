// How parameters are made, found and filled.
#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <ostream>
#include <unspool/autograd/array/elements.hpp>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/graveyard.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <xtensor/xadapt.hpp>

namespace unspool::core {

template <Real T> MutableView<T> mutable_view(T* data, Shape const& shape) {
    return xt::adapt(std::move(data), static_cast<std::size_t>(count(shape)), xt::no_ownership(),
                     Extents(shape.begin(), shape.end()));
}
template MutableView<float> mutable_view(float*, Shape const&);
template MutableView<double> mutable_view(double*, Shape const&);

namespace {
constinit std::atomic<std::uint64_t> last_number = 0;  // of what was made or written

/// f(leaf, what belongs to it), of each; nothing belongs to those that came later.
template <class F> void each_leaf(LeafOfParam const* last, std::vector<Reusable> const& all, F f) {
    std::vector<LeafOfParam const*> leaves;
    for (; last; last = last->before) leaves.push_back(last);
    std::reverse(leaves.begin(), leaves.end());
    for (std::size_t k = 0; k < leaves.size(); ++k)
        f(leaves[k]->reusable, k < all.size() ? all[k] : Reusable{leaves[k]->reusable.memory});
}
}  // namespace

Param::Param(std::string path, Shape shape, Dtype dtype, bool trained, Where where)
    : path_(std::move(path))
    , shape_(shape)
    , dtype_(dtype)
    , trained_(trained)
    , count_(elements_or_none({shape.begin(), shape.end()}))
    , serial_(++last_number)
    , version_(serial_) {
    if (count_ < 0)
        throw ShapeError(
            fmt::format("{}: parameter {}: no array can have the shape {}", text(where), path_, text(shape)));
    std::size_t const bytes = Arena::padded(static_cast<std::size_t>(count_) * size_of(dtype));
    bytes_                  = system_memory(bytes);
    std::memset(bytes_.get(), 0, bytes);
}

void const* Param::data(Dtype wanted, Where where) const {
    if (wanted != dtype_)
        throw TypeError(fmt::format("{}: parameter {} is {}, not {}", text(where), path_, text(dtype_), text(wanted)));
    return data(where);
}

void* Param::mutable_data(Dtype wanted, Where where) {
    static_cast<void>(data(wanted, where));
    written();
    return bytes_.get();
}

void Param::written() { version_ = ++last_number; }

void Param::refuse(Where where) const {
    std::string what = "gone with its Params: they outlive the cells that use them";
    if (bytes_)
        what = fmt::format(
            "read while it is open for writing, since {}: the value that mutable_value() gave must be gone by then",
            text(opened_));
    throw TapeError(located(where, fmt::format("the parameter {} is {}", path_, what)));
}

void Param::require_shape(Shape const& s, Where where) const {
    if (!(s == shape_))
        throw ShapeError(fmt::format("{}: parameter {} has the shape {}, the array assigned to it {}", text(where),
                                     path_, text(shape_), text(s)));
}

Param::~Param() = default;

struct Params::Store {
    Store(std::uint64_t seed, Dtype type) : random(seed), dtype(type) {}
    Store(Store const&) = delete;
    ~Store() {
        for (auto& p : all) {
            p->bytes_.reset();
            p->written();
            bury(std::move(p));
        }
    }

    Random random;
    Dtype dtype;
    std::vector<std::unique_ptr<Param>> all;
    std::map<std::string_view, std::size_t> places{};  // in `all`, by path: those below one are neighbours

    Param* find(std::string_view path) const {
        auto const at = places.find(path);
        return at == places.end() ? nullptr : all[at->second].get();
    }
    Param& append(std::unique_ptr<Param> p) {
        all.reserve(all.size() == all.capacity() ? 2 * all.size() + 1 : 0);  // what may fail comes first
        places.emplace(p->path(), all.size());
        if (!all.empty()) p->next_ = all.front().get(), all.back()->next_ = p.get();
        return *all.emplace_back(std::move(p));
    }
};

Params::Params(std::uint64_t seed, Dtype dtype) : store_(std::make_shared<Store>(seed, dtype)) {}

std::string Params::full(std::string_view name) const {
    std::string out = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    std::replace(out.begin(), out.end(), '/', '.');
    return out;
}

Param& Params::add(std::string_view name, Shape shape, std::function<double()> const& draw, Where where, bool trained) {
    if (name.empty()) throw NameError(text(where) + ": a parameter needs a name");
    if (contains(name)) throw NameError(fmt::format("{}: there is a parameter {} already", text(where), full(name)));
    Param& p = store_->append(std::make_unique<Param>(full(name), shape, store_->dtype, trained, where));
    p.model_ = store_;
    dispatch(store_->dtype, [&](auto t) {
        using T = decltype(t);
        std::generate_n(static_cast<T*>(p.mutable_data(dtype_of<T>)), p.count(),
                        [&] { return static_cast<T>(draw()); });
    });
    return p;
}

Param& Params::zeros(std::string_view name, Shape shape, Where where) { return constant(name, shape, 0, where); }
Param& Params::constant(std::string_view name, Shape shape, double value, Where where) {
    return add(
        name, shape, [=] { return value; }, where);
}
Param& Params::uniform(std::string_view name, Shape shape, double low, double high, Where where) {
    return add(
        name, shape, [&] { return store_->random.uniform(low, high); }, where);
}
Param& Params::normal(std::string_view name, Shape shape, double mean, double deviation, Where where) {
    return add(
        name, shape, [&] { return mean + deviation * store_->random.normal(); }, where);
}

Params Params::operator/(std::string_view segment) const {
    Params below = *this;
    segment.remove_prefix(std::min(segment.find_first_not_of("/."), segment.size()));
    below.path_ = full(segment);
    below.path_.resize(below.path_.find_last_not_of('.') + 1);  // "encoder/" is "encoder"
    return below;
}

Param& Params::operator[](AskedName name) const {
    std::string const wanted = full(name.text);
    if (Param* const p = store_->find(wanted)) return *p;
    auto const below = all();
    auto const known =
        some_texts(below.size(), 20, [&](std::size_t k) { return elided(below[k]->path(), longest_name); });
    throw NameError(fmt::format("{}: there is no parameter {}; there are: {}", text(name.where),
                                elided(wanted, longest_text),
                                known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

bool Params::contains(std::string_view name) const { return store_->find(full(name)) != nullptr; }

Dtype Params::dtype() const { return store_->dtype; }
Random& Params::random() const { return store_->random; }

std::vector<Param*> Params::all() const {
    std::vector<std::size_t> below;
    std::string const prefix = path_.empty() ? "" : path_ + ".";
    for (auto at = store_->places.lower_bound(prefix); at != store_->places.end() && at->first.starts_with(prefix);
         ++at)
        below.push_back(at->second);
    std::sort(below.begin(), below.end());
    std::vector<Param*> out;
    for (std::size_t place : below) out.push_back(store_->all[place].get());
    return out;
}

std::size_t Params::made() const { return store_->all.size(); }

Index Params::count() const {
    Index n = 0;
    for (Param* p : all()) n += p->count();
    return n;
}

std::vector<double> Params::flatten() const {
    std::vector<double> out;
    out.reserve(static_cast<std::size_t>(count()));
    for (Param const* p : all())
        dispatch(p->dtype(), [&](auto t) {
            auto const* from = static_cast<decltype(t) const*>(p->data());
            out.insert(out.end(), from, from + p->count());
        });
    return out;
}

void Params::assign_flat(std::span<double const> from, Where where) {
    if (std::ssize(from) != count())
        throw ShapeError(fmt::format("{}: the parameters{}{} have {} elements, the list assigned to them {}",
                                     text(where), path_.empty() ? "" : " below ", path_, count(), from.size()));
    for (Param* p : all()) {
        auto const mine = from.first(static_cast<std::size_t>(p->count()));
        dispatch(p->dtype(), [&](auto t) {
            using T = decltype(t);
            std::transform(mine.begin(), mine.end(), static_cast<T*>(p->mutable_data(dtype_of<T>)),
                           [](double x) { return static_cast<T>(x); });
        });
        from = from.subspan(mine.size());
    }
}

std::ostream& operator<<(std::ostream& out, Param const& p) try {
    return out << elided(p.path(), longest_name) << ": "
               << elements_text(p.dtype(), p.data(Where()), p.shape(), row_major(p.shape()));
} catch (TapeError const& e) { return out << "(" << e.what() << ")"; }

// ---- how far they have come to be packed for products ----------------------------------------------------------------

std::vector<Reusable> Tape::packing() const {
    std::vector<Reusable> out;
    for (auto* leaf = leaves_; leaf; leaf = leaf->before) out.push_back(leaf->reusable);
    std::reverse(out.begin(), out.end());
    return out;
}

void Tape::put_back(std::vector<Reusable> const& all, Mark const& since) {
    each_leaf(leaves_, all, [&](Reusable& now, Reusable const& then) {
        now = then;
        for (Packed* p : {&now.as_stored, &now.transposed})
            if (p->panels && !arena_.before(p->panels, since.memory)) p->panels = nullptr;
    });
}

void Tape::pack_as(std::vector<Reusable> const& all) {
    auto const as = [](Packed& now, Packed const& then) {
        now.rows = then.rows;
        if (now.rows < Packed::worth) now.panels = nullptr;
    };
    each_leaf(leaves_, all, [&](Reusable& now, Reusable const& then) {
        as(now.as_stored, then.as_stored), as(now.transposed, then.transposed);
    });
}

}  // namespace unspool::core
