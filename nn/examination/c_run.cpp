// Writes a program around the file, and reads what it prints.
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/system/child_process.hpp>
#include <unspool/nn/deploy/c_text.hpp>
#include <unspool/nn/examination/c_run.hpp>

namespace unspool::core {

namespace {

namespace fs = std::filesystem;

/// Goes with all that is in it.
struct Folder {
    std::string path = (fs::temp_directory_path() / "unspool-XXXXXX").string();

    Folder() {
        if (!mkdtemp(path.data())) throw FileError("cannot make a folder in " + fs::temp_directory_path().string());
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Folder(Folder const&)            = delete;
    Folder& operator=(Folder const&) = delete;
    std::string operator/(char const* name) const { return path + "/" + name; }
};

/// Prints the first result of each step, number by number.
std::string program(std::vector<xt::xarray<double>> const& xs, Index outputs, Dtype dtype) {
    std::string arrays, arguments;
    for (std::size_t k = 0; k < xs.size(); ++k) {
        std::size_t const steps = xs[k].shape()[0], each = steps == 0 ? 0 : xs[k].size() / steps;
        arrays += fmt::format("static const real x{}[{}][{}] = {{", k, steps, std::max<std::size_t>(each, 1));
        for (std::size_t t = 0; t < steps; ++t)
            arrays += c_list(std::span<double const>(xs[k].data() + t * each, each), dtype) + ",\n";
        arrays += "};\n", arguments += fmt::format(", x{}[t]", k);
    }
    return fmt::format(R"(#include "cell.h"
#include <stdio.h>
typedef {0} real;
{1}
int main(void) {{
    static cell_state s;
    static real y[{2}];
    cell_reset(&s);
    for (int t = 0; t < {3}; ++t) {{
        cell_step(&s{4}, y);
        for (int i = 0; i < {2}; ++i) printf("%.17g\n", (double)y[i]);
    }}
    return 0;
}}
)",
                       dtype == float32 ? "float" : "double", arrays, outputs, xs[0].shape()[0], arguments);
}

/// What it wrote, if all went well.
std::string written_by(ChildProcess const& r, std::string const& name, double seconds) {
    if (r.end == ChildProcess::exited && r.status == 0) return r.out;
    throw FileError(r.end == ChildProcess::stopped ? fmt::format("{} took longer than {} s", name, seconds)
                                                   : fmt::format("{} failed: {}", name, r.errors));
}

void compile(Folder const& folder, double seconds) {
    std::vector<std::string> const arguments{"-std=c99", folder / "cell.c", folder / "main.c", "-lm",
                                             "-o",       folder / "run"};
    for (char const* compiler : {"cc", "gcc", "clang"}) {
        ChildProcess const r = run_program(compiler, arguments, "", seconds);
        if (r.end == ChildProcess::not_found) continue;
        written_by(r, compiler, seconds);
        return;
    }
    throw FileError("no compiler here: there is neither cc nor gcc nor clang");
}

std::vector<double> numbers_in(std::string const& text) {
    std::vector<double> out;
    char const* at = text.c_str();
    for (char* end = nullptr;; at = end) {
        double const x = std::strtod(at, &end);
        if (end == at) return out;
        out.push_back(x);
    }
}

}  // namespace

std::vector<double> run_in_c(PlannableCell const& cell, CFileOptions o, std::vector<xt::xarray<double>> const& xs,
                             double seconds, Where where) {
    o.name              = "cell";
    CFiles const files  = c_files(cell, o, where);
    Index const outputs = count(plan_of(cell, {o.batch, o.inputs, o.dtype, o.head}, where).results[0].window.shape);
    Folder const folder;
    write_whole(folder / "cell.h", files.header), write_whole(folder / "cell.c", files.source);
    write_whole(folder / "main.c", program(xs, outputs, o.dtype));
    compile(folder, seconds);
    ChildProcess const r = run_program("env", {folder / "run"}, "", seconds);  // which starts any file
    return numbers_in(written_by(r, "the program", seconds));
}

}  // namespace unspool::core
