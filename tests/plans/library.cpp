// Writes, compiles and loads them.
#include <cstdlib>
#include <dlfcn.h>
#include <fmt/format.h>
#include <plans/library.hpp>

namespace plans {

std::string Trial::name() const {
    return fmt::format("{}_{}_{}", cell.name, dtype == float32 ? "float" : "double", batch);
}

Library::Library(std::vector<Trial> const& trials, std::string const& compiler) {
    for (Trial const& t : trials) {
        core::CFiles const written = core::c_files(
            t.cell.plannable(t.batch),
            {.name = t.name(), .inputs = t.cell.inputs, .dtype = t.dtype, .batch = t.batch, .test_steps = 1},
            Where::here());
        files::write(folder_ / (t.name() + ".h"), written.header),
            files::write(folder_ / (t.name() + ".c"), written.source);
    }
    std::string const command =
        fmt::format("cd {} && {} -std=c99 -Wall -Wextra -Wconversion -pedantic -Werror -fPIC -shared *.c -o all.so -lm",
                    folder_.folder.string(), compiler);
    if (std::system(command.c_str()) != 0) throw ValueError("not compiled: " + command);
    library_ = dlopen((folder_ / "all.so").c_str(), RTLD_NOW);
    if (!library_) throw FileError(dlerror());
}
Library::~Library() {
    if (library_) dlclose(library_);
}

void* Library::symbol(std::string const& name) const {
    void* const out = dlsym(library_, name.c_str());
    if (!out) throw FileError(dlerror());
    return out;
}

}  // namespace plans
