// A run's state in a file, from which it continues bit for bit.
#pragma once
#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <unspool/nn/files/fields.hpp>
#include <unspool/nn/files/safetensors.hpp>

namespace unspool::core {

/// What belongs to a run, by name: parameters, optimisers, streams of random numbers, counters, and every object with a member
/// `void fields(Fields)`.
///
///     Checkpoint run;
///     run.add("model", params), run.add("optimiser", adam), run.add("random", random), run.add("epoch", epoch);
///     if (exists("run.ckpt")) run.load("run.ckpt");
///     for (; epoch < 10; ++epoch) { …; run.save("run.ckpt"); }
///
/// It refers to them: they outlive it.  The file is a safetensors file.  Parameters are tensors; vectors of numbers are F64
/// and I64; texts are U8, because any bytes are allowed in them; single numbers and streams of random numbers are texts in
/// its metadata.
class Checkpoint {
public:
    /// A value or an object; for an Index, also the least and the greatest that may be restored.  What belongs to it is asked anew
    /// whenever the run is saved or restored.  NameError if there is one of this name already.
    template <class T, class... Bounds>
    requires(!std::same_as<T, Params const> && !std::same_as<T, Params>) void add(AskedName name, T& object,
                                                                                  Bounds... bounds) {
        std::string const n(name.text);
        append(name, {n, [n, &object, bounds...](Fields f) { f.add(n, object, bounds...); }});
    }
    /// All parameters of a model.
    void add(AskedName name, Params const& params) {
        std::string const n(name.text);
        append(name, {n, [n, params](Fields f) { f.add(n, params); }, params});
    }

    /// Writes all of it: the file is there whole, or, after a FileError, as it was.  Parameters are written from where they are.
    /// NameError where one of the models has none.
    void save(std::string const&, Where = Where::here()) const;
    /// The bytes of such a file.
    std::vector<std::byte> bytes(Where = Where::here()) const;

    /// Restores all of it.  FileError, which lists all that does not fit (names, shapes, element types, numbers that are none or
    /// outside of their bounds), and nothing is changed then.  To make sure of that, tensors are read into memory beside the
    /// objects first: it takes their size once more.
    void load(std::string const& path, Where where = Where::here()) { load(Safetensors(path), where); }
    void load(Safetensors const&, Where = Where::here());

private:
    struct Part {
        std::string name;
        std::function<void(Fields)> fields;
        std::optional<Params> model = {};
    };
    static Fields named(std::vector<Part> const&);
    Fields all(std::string_view what, Where) const;
    void append(AskedName, Part);
    std::vector<Part> near(std::string_view name) const;  // whose fields may have names that this one's have

    std::vector<Part> parts_;
    std::multimap<std::string, std::size_t, std::less<>> places_;  // among them, by name
};

}  // namespace unspool::core

namespace unspool {

using core::Checkpoint;

}  // namespace unspool
