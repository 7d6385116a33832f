// Matches parameters with the tensors of a file.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/error_list.hpp>
#include <unspool/nn/files/no_parameter.hpp>
#include <unspool/nn/files/parameters.hpp>
#include <unspool/nn/files/pending_write.hpp>
#include <unspool/nn/files/safetensors.hpp>

namespace unspool::core {

namespace {

std::string renamed(Rename const& rename, std::string_view name) { return rename ? rename(name) : std::string(name); }

/// Its name below the path of all.
std::string name_of(Param const& p, Params const& all) {
    return p.path().substr(all.path().empty() ? 0 : all.path().size() + 1);
}

std::vector<Index> sizes(Shape const& s) { return {s.begin(), s.end()}; }
std::vector<Index> sizes(xt::xarray<double> const& a) { return {a.shape().begin(), a.shape().end()}; }

// Saving

xt::xarray<double> wide(Param const& p) {
    return dispatch(p.dtype(), [&](auto t) { return xt::xarray<double>(p.value<decltype(t)>()); });
}

/// Arrays made for the file, in the element type of the parameters.
struct Converted {
    std::vector<NamedArray> arrays;
    std::vector<xt::xarray<float>> narrow;

    Converted(Params const& params, SaveOptions const& options) {
        for (Param* p : params.all()) arrays.push_back({name_of(*p, params), wide(*p)});
        arrays = to_dialect(std::move(arrays), options.dialect, options.reset_after);
        if (params.dtype() == float32)
            for (auto& a : arrays) narrow.emplace_back(xt::cast<float>(a.array));
    }
    void const* data(std::size_t k) const {
        return narrow.empty() ? static_cast<void const*>(arrays[k].array.data()) : narrow[k].data();
    }
};

// Loading

/// What a file has for a parameter: a tensor, or an array that was made of some.
struct Offer {
    std::string name;
    StoredTensor const* tensor;
    xt::xarray<double> const* array;

    std::vector<Index> shape() const { return array ? sizes(*array) : tensor->shape; }
    bool is_real() const {
        return array || tensor->type == Stored::f64 || tensor->type == Stored::f32 || tensor->type == Stored::f16 ||
               tensor->type == Stored::bf16;
    }
    std::string complaint() const {
        return fmt::format("is {} in the file, expected F64, F32, F16 or BF16", text(tensor->type));
    }
    PendingWrite pending_write(Param& p, Safetensors const& file) const {
        return array ? core::pending_write(p, *array) : core::pending_write(p, file, *tensor);
    }
};

class Loading {
public:
    Loading(Params const& params, Safetensors const& file, LoadOptions const& options)
        : params_(params), file_(file), options_(options) {}

    Unmatched operator()() {
        offer();
        match();
        problems_.raise(file_.file());
        std::vector<PendingWrite> ready;
        for (auto& [p, o] : pairs_) ready.push_back(o->pending_write(*p, file_));
        for (PendingWrite& assign : ready) assign();
        return std::move(unmatched_);
    }

private:
    void offer();
    void offer_arrays();
    void match();
    void match(Param&, std::string const& name, Offer const*);

    Params params_;
    Safetensors const& file_;
    LoadOptions const& options_;
    std::vector<NamedArray> arrays_;
    std::vector<Offer> offers_;
    std::vector<std::pair<Param*, Offer const*>> pairs_;
    Unmatched unmatched_;
    ErrorList problems_;
};

void Loading::offer() {
    for (StoredTensor const& t : file_.tensors())
        if (t.name.starts_with(options_.prefix))
            offers_.push_back(
                {renamed(options_.rename, std::string_view(t.name).substr(options_.prefix.size())), &t, nullptr});
    if (options_.dialect != WeightLayout::pytorch) offer_arrays();
}

void Loading::offer_arrays() {
    for (Offer const& o : offers_) {
        if (!o.is_real()) problems_.add(o.name, o.complaint());
        else arrays_.push_back({o.name, file_.array(o.tensor->name)});
    }
    try {
        arrays_ = from_dialect(std::move(arrays_), options_.dialect);
    } catch (Error const& e) { throw FileError(fmt::format("cannot load {}: {}", file_.file(), e.what())); }
    offers_.clear();
    for (NamedArray const& a : arrays_) offers_.push_back({a.name, nullptr, &a.array});
}

void Loading::match() {
    std::map<std::string, Offer const*> open;
    for (Offer const& o : offers_)
        if (!open.emplace(o.name, &o).second) problems_.add(o.name, "is what two tensors of the file are called");
    for (Param* p : params_.all()) {
        std::string const name = name_of(*p, params_);
        auto const at          = open.find(name);
        match(*p, name, at == open.end() ? nullptr : at->second);
        if (at != open.end()) open.erase(at);
    }
    for (auto& [name, o] : open) {
        if (!options_.surplus)
            problems_.add(name, fmt::format("is in the file, {}, but no parameter", text(o->shape())));
        else unmatched_.surplus.push_back(name);
    }
}

void Loading::match(Param& p, std::string const& name, Offer const* o) {
    if (!o && options_.missing) unmatched_.missing.push_back(name);
    else if (!o) problems_.add_absent(name, fmt::format("{} is not in the file", text(p.shape())));
    else if (!o->is_real()) problems_.add(name, o->complaint());
    else if (o->shape() != sizes(p.shape()))
        problems_.add(name, fmt::format("is {} in the file, expected {}", text(o->shape()), text(p.shape())));
    else pairs_.emplace_back(&p, o);
}

}  // namespace

void save(Params const& params, std::string const& path, SaveOptions const& options, Where where) {
    require_any(!params.all().empty(), "save", "write", where);
    auto const name = [&](std::string_view n) { return options.prefix + renamed(options.rename, n); };
    std::vector<TensorView> tensors;
    if (options.dialect == WeightLayout::pytorch) {
        for (Param* p : params.all())
            tensors.push_back({name(name_of(*p, params)), stored(p->dtype()), sizes(p->shape()), p->data()});
        return write_safetensors(path, tensors, options.metadata);
    }
    Converted const made(params, options);
    for (std::size_t k = 0; k < made.arrays.size(); ++k)
        tensors.push_back(
            {name(made.arrays[k].name), stored(params.dtype()), sizes(made.arrays[k].array), made.data(k)});
    write_safetensors(path, tensors, options.metadata);
}

Unmatched load(Params const& params, std::string const& path, LoadOptions const& options, Where where) {
    return load(params, Safetensors(path), options, where);
}
Unmatched load(Params const& params, Safetensors const& file, LoadOptions const& options, Where where) {
    require_any(!params.all().empty(), "load", "read", where);
    return Loading(params, file, options)();
}

}  // namespace unspool::core
