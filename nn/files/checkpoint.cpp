// Fields to tensors and texts, and back.
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <set>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/checkpoint.hpp>
#include <unspool/nn/files/entry.hpp>
#include <unspool/nn/files/error_list.hpp>
#include <unspool/nn/files/no_parameter.hpp>
#include <unspool/nn/files/pending_write.hpp>

namespace unspool::core {

namespace {

constexpr std::string_view version_key = "unspool.checkpoint", version = "1";

template <class... F> struct Overloaded : F... { using F::operator()...; };
template <class... F> Overloaded(F...) -> Overloaded<F...>;

// Saving

Index length(auto const& list) { return static_cast<Index>(list.size()); }

struct Contents {
    Where where;  // of the call
    std::vector<TensorView> tensors{};
    Metadata texts{{std::string(version_key), std::string(version)}};

    void add(Entry const& e) {
        auto const tensor = [&](Stored type, std::vector<Index> shape, void const* data) {
            tensors.push_back({e.path, type, std::move(shape), data});
        };
        std::visit(
            Overloaded{[&](Param* p) {
                           tensor(stored(p->dtype()), {p->shape().begin(), p->shape().end()}, p->data());
                       },
                       [&](std::vector<double>* v) { tensor(Stored::f64, {length(*v)}, v->data()); },
                       [&](std::vector<Index>* v) { tensor(Stored::i64, {length(*v)}, v->data()); },
                       [&](std::string* s) { tensor(Stored::u8, {length(*s)}, s->data()); },
                       [&](Random* r) { text(e.path, r->state()); },
                       [&](double* x) { text(e.path, fmt::format("{}", *x)); },  // the shortest that is read as x
                       [&](std::uint64_t* n) { text(e.path, fmt::format("{}", *n)); },
                       [&](BoundedIndex n) { text(e.path, fmt::format("{}", *n.at)); }},
            e.field);
    }
    void text(std::string const& path, std::string x) {
        if (!texts.emplace(path, std::move(x)).second)
            throw NameError(fmt::format("{}: no field can be called {}", core::text(where), path));
    }
};

// Restoring

template <class T> std::optional<T> parsed(std::string const& text) {
    T x{};
    char const* const end = text.data() + text.size();
    auto const read       = std::from_chars(text.data(), end, x);
    return read.ec == std::errc() && read.ptr == end ? std::optional(x) : std::nullopt;
}

class Restoring {
public:
    explicit Restoring(Safetensors const& file) : file_(file) {}

    void operator()(std::vector<Entry> const& fields) {
        check_version();
        std::set<std::string_view> known;
        for (auto& e : fields) known.insert(e.path), stage(e);
        for (auto& t : file_.tensors())
            if (!known.contains(t.name)) problems_.add(t.name, "is in the file, but not in this run");
        for (auto& [name, x] : file_.metadata())
            if (!known.contains(name) && name != version_key)
                problems_.add(name, "is in the file, but not in this run");
        problems_.raise(file_.file());
        read_all();
    }

private:
    void check_version() const;
    void stage(Entry const&);
    void stage_param(Param&, StoredTensor const&);
    template <class Vector> void stage_list(Vector&, Stored, StoredTensor const&);
    void stage_text(Entry const&, std::string const&);
    template <class T> void stage_number(std::string const& path, T& to, std::string const& text, T low, T high);
    void stage_random(std::string const& path, Random&, std::string const&);
    void read_all();

    Safetensors const& file_;
    ErrorList problems_;
    std::vector<std::function<PendingWrite()>> reads_;  // of tensors that fit
    std::vector<PendingWrite> ready_;
};

void Restoring::check_version() const {
    auto const at = file_.metadata().find(version_key);
    if (at == file_.metadata().end())
        throw FileError(fmt::format("{} is no checkpoint: its metadata lack {}", file_.file(), version_key));
    if (at->second != version)
        throw FileError(
            fmt::format("{} is a checkpoint of version {}, expected {}", file_.file(), shown(at->second), version));
}

bool is_tensor(Field const& f) {
    return std::holds_alternative<Param*>(f) || std::holds_alternative<std::vector<double>*>(f) ||
           std::holds_alternative<std::vector<Index>*>(f) || std::holds_alternative<std::string*>(f);
}

void Restoring::stage(Entry const& e) {
    StoredTensor const* t = file_.find(e.path);
    auto const text       = file_.metadata().find(e.path);
    if (!is_tensor(e.field)) {
        if (t) problems_.add(e.path, "is a tensor in the file, expected a text");
        else if (text == file_.metadata().end()) problems_.add_absent(e.path);
        else stage_text(e, text->second);
        return;
    }
    if (text != file_.metadata().end()) return problems_.add(e.path, "is a text in the file, expected a tensor");
    if (!t) return problems_.add_absent(e.path);
    std::visit(Overloaded{[&](Param* p) { stage_param(*p, *t); },
                          [&](std::vector<double>* v) { stage_list(*v, Stored::f64, *t); },
                          [&](std::vector<Index>* v) { stage_list(*v, Stored::i64, *t); },
                          [&](std::string* s) { stage_list(*s, Stored::u8, *t); }, [](auto) {}},
               e.field);
}

void Restoring::stage_param(Param& p, StoredTensor const& t) {
    if (t.type != stored(p.dtype()))
        return problems_.add(t.name,
                             fmt::format("is {} in the file, expected {}", text(t.type), text(stored(p.dtype()))));
    if (t.shape != std::vector<Index>(p.shape().begin(), p.shape().end()))
        return problems_.add(t.name, fmt::format("is {} in the file, expected {}", text(t.shape), text(p.shape())));
    reads_.push_back([this, &p, &t] { return pending_write(p, file_, t); });
}

template <class Vector> void Restoring::stage_list(Vector& v, Stored type, StoredTensor const& t) {
    if (t.type != type || t.shape.size() != 1)
        return problems_.add(t.name, fmt::format("is {} {} in the file, expected {} of one axis", text(t.type),
                                                 text(t.shape), text(type)));
    reads_.push_back([this, &v, type, &t]() -> PendingWrite {
        auto list = std::make_shared<Vector>(static_cast<std::size_t>(t.count()), typename Vector::value_type{});
        file_.read_exactly(t, type, std::as_writable_bytes(std::span(list->data(), list->size())));
        return [&v, list] { v.swap(*list); };
    });
}

void Restoring::stage_text(Entry const& e, std::string const& x) {
    constexpr double inf         = std::numeric_limits<double>::infinity();
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::visit(Overloaded{[&](Random* r) { stage_random(e.path, *r, x); },
                          [&](double* to) { stage_number(e.path, *to, x, -inf, inf); },
                          [&](std::uint64_t* to) { stage_number<std::uint64_t>(e.path, *to, x, 0, most); },
                          [&](BoundedIndex n) { stage_number(e.path, *n.at, x, n.low, n.high); }, [](auto) {}},
               e.field);
}

template <class T>
void Restoring::stage_number(std::string const& path, T& to, std::string const& text, T low, T high) {
    auto const x = parsed<T>(text);
    if (!x) return problems_.add(path, fmt::format("is {}, expected a number", shown(text)));
    if (*x < low || *x > high)
        return problems_.add(path, fmt::format("is {}, expected a number in [{}, {}]", *x, low, high));
    ready_.push_back([&to, x = *x] { to = x; });
}

void Restoring::stage_random(std::string const& path, Random& to, std::string const& state) {
    auto made = std::make_shared<Random>(0);
    try {
        made->state(state);
    } catch (ValueError const& e) { return problems_.add(path, e.what()); }
    ready_.push_back([&to, made] { to = *made; });
}

void Restoring::read_all() {
    for (auto& read : reads_) ready_.push_back(read());
    for (PendingWrite& assign : ready_) assign();
}

}  // namespace

Fields Checkpoint::named(std::vector<Part> const& parts) {
    Fields out;
    for (Part const& part : parts) part.fields(out);
    return out;
}

/// What is in a file, or will be.
Fields Checkpoint::all(std::string_view what, Where where) const {
    for (Part const& part : parts_)
        require_any(!part.model || !part.model->all().empty(), fmt::format("Checkpoint: {}", part.name), what, where);
    Fields const fields = named(parts_);
    for (Entry const& e : fields.all())
        if (auto* const p = std::get_if<Param*>(&e.field)) static_cast<void>((*p)->data(where));  // it may be gone
    return fields;
}

// All fields of a part begin with its name: "model" and "model.w" can clash, "model" and "optimiser" cannot.
std::vector<Checkpoint::Part> Checkpoint::near(std::string_view name) const {
    std::vector<Part> out;
    for (std::size_t end = name.find('.'); end != name.npos; end = name.find('.', end + 1))
        for (auto [at, last] = places_.equal_range(name.substr(0, end)); at != last; ++at)
            out.push_back(parts_[at->second]);
    for (auto at = places_.lower_bound(name); at != places_.end() && at->first.starts_with(name); ++at)
        out.push_back(parts_[at->second]);
    return out;
}

void Checkpoint::append(AskedName name, Part part) {
    auto parts = near(name.text);
    parts.push_back(part);
    try {
        static_cast<void>(named(parts));
    } catch (NameError const& e) { throw NameError(located(name.where, e.what())); }
    parts_.reserve(parts_.size() == parts_.capacity() ? 2 * parts_.size() + 1 : 0);  // what may fail comes first
    places_.emplace(name.text, parts_.size());
    parts_.push_back(std::move(part));
}

namespace {

Contents contents(Fields const& fields, Where where) {
    Contents out{where};
    for (auto& e : fields.all()) out.add(e);
    return out;
}

}  // namespace

void Checkpoint::save(std::string const& path, Where where) const {
    Contents const out = contents(all("write", where), where);
    write_safetensors(path, out.tensors, out.texts);
}

std::vector<std::byte> Checkpoint::bytes(Where where) const {
    Contents const out = contents(all("write", where), where);
    return safetensors_bytes(out.tensors, out.texts);
}

void Checkpoint::load(Safetensors const& file, Where where) {
    Fields const fields = all("read", where);
    Restoring{file}(fields.all());
}

}  // namespace unspool::core
