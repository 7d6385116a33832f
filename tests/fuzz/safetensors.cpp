// For libFuzzer: any bytes as a safetensors file give an error of Unspool, or what can be read wholly and written again.
#include <cstdint>
#include <cstring>
#include <optional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/checkpoint.hpp>
#include <unspool/nn/files/parameters.hpp>
#include <vector>

using namespace unspool;
using namespace unspool::core;

namespace {

using Bytes = std::span<std::byte const>;

void require(bool fine) {
    if (!fine) __builtin_trap();
}

/// A small model and run, to load into.
struct Run {
    Params params{1};
    Param& w        = params.constant("w", {2, 3}, 0.5);
    Param& b        = params.constant("l.bias_ih_l0", {4}, 0.25);
    double x        = 1;
    Index n         = 2;
    std::uint64_t u = 3;
    std::string s   = "four";
    std::vector<double> v{5};
    std::vector<Index> k{6};

    bool as_made() const {
        return same(w, 0.5) && same(b, 0.25) && x == 1 && n == 2 && u == 3 && s == "four" && v == std::vector{5.0} &&
               k.size() == 1 && k[0] == 6;
    }
    static bool same(Param const& p, float expected) {
        auto const values = p.value<float>();
        return std::all_of(values.begin(), values.end(), [&](float y) { return y == expected; });
    }
};

void read_all(Safetensors const& file, std::size_t size) {
    for (StoredTensor const& t : file.tensors()) {
        require(file.find(t.name) == &t && t.count() <= size);
        require(file.array(t.name).size() == t.count());
    }
}

void write_again(Safetensors const& file, std::uint64_t buffer) {
    std::string const text = header_text(file.tensors(), file.metadata(), "again");
    Header const again     = parse_header(text, buffer, "again");
    require(again.metadata == file.metadata() && again.tensors.size() == file.tensors().size());
    for (std::size_t i = 0; i < again.tensors.size(); ++i)
        require(again.tensors[i].name == file.tensors()[i].name && again.tensors[i].shape == file.tensors()[i].shape &&
                again.tensors[i].begin == file.tensors()[i].begin && again.tensors[i].type == file.tensors()[i].type);
}

/// A run as it was made, for as long as nothing was loaded into it.
Run& fresh() {
    static std::optional<Run> run;
    if (!run || !run->as_made()) run.emplace();
    return *run;
}

template <class Load> void unchanged_or_loaded(Load load) {
    Run& run = fresh();
    try {
        load(run);
    } catch (Error const&) { require(run.as_made()); }
}

void load_all(Safetensors const& file) {
    for (WeightLayout d : {WeightLayout::pytorch, WeightLayout::onnx, WeightLayout::keras})
        unchanged_or_loaded([&](Run& r) { load(r.params, file, {.dialect = d, .missing = true, .surplus = true}); });
    unchanged_or_loaded([&](Run& r) { load(r.params, file); });
    unchanged_or_loaded([&](Run& r) {
        Checkpoint all;
        all.add("model", r.params), all.add("x", r.x), all.add("n", r.n, 0, 9), all.add("u", r.u), all.add("s", r.s);
        all.add("v", r.v), all.add("k", r.k);
        all.load(file);
    });
}

void try_file(Bytes bytes) {
    try {
        Safetensors const file(bytes);
        read_all(file, bytes.size());
        std::uint64_t buffer = 0;
        for (StoredTensor const& t : file.tensors()) buffer = t.end;
        write_again(file, buffer);
        load_all(file);
    } catch (FileError const&) {}
}

/// The same with the length of the header put right, so that mutations of the header are not lost.
void try_with_length(Bytes bytes) {
    std::string_view const text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    std::uint64_t const length = text.size() < 8 || text.rfind('}') == text.npos ? 0 : text.rfind('}') + 1 - 8;
    if (length == 0 || length > text.size()) return;
    std::vector<std::byte> right(bytes.begin(), bytes.end());
    std::memcpy(right.data(), &length, sizeof length);
    try_file(right);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Bytes const bytes = std::as_bytes(std::span(data, size));
    try_file(bytes);
    try_with_length(bytes);
    return 0;
}
