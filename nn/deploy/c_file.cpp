// What stands around a step: declarations, weights, and the test.
#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/deploy/c_file.hpp>
#include <unspool/nn/deploy/c_source.hpp>
#include <unspool/nn/deploy/c_test.hpp>

namespace unspool::core {

namespace {

std::vector<double> numbers_of(StepPlan const& plan, std::size_t array) {
    Window const& w = *plan.arrays[array].recorded;
    return dispatch(plan.dtype, [&](auto t) {
        using T = decltype(t);
        std::vector<T> out(static_cast<std::size_t>(count(w.shape)));
        copy<T>({out.data(), w.shape, row_major(w.shape)}, {static_cast<T const*>(w.data), w.shape, w.strides});
        return std::vector<double>(out.begin(), out.end());
    });
}

/// Rows of integers within ±127, and what each is to be multiplied by.
struct Int8 {
    std::vector<int> integers;
    std::vector<double> scales;
    Int8(std::span<double const> numbers, Index width) {
        for (auto row = numbers.begin(); row < numbers.end(); row += width) {
            double top = 0;
            for (auto x = row; x < row + width; ++x) top = std::max(top, std::abs(*x));
            scales.push_back(top / 127 > 0 ? top / 127 : 1);
            for (auto x = row; x < row + width; ++x)
                integers.push_back(static_cast<int>(std::lround(*x / scales.back())));
        }
    }
    std::string list() const {
        std::vector<std::string> words;
        for (int x : integers) words.push_back(std::to_string(x));
        return c_list(words);
    }
};

class CFile {
public:
    CFile(PlannableCell const& cell, CFileOptions const& o, Where where)
        : options_(o)
        , plan_(plan_of(cell, {o.batch, o.inputs, o.dtype, o.head, o.jacobian}, where))
        , recorded_(plan_)
        , source_(plan_, o.name, o.int8, o.loaded)
        , real_(o.dtype == float32 ? "float" : "double") {
        source_.write();
        upper_ = in_capitals(o.name);
        for (auto const& f : source_.fixed())
            if (f.int8) require_finite(f, where);
    }

    std::string header() const {
        std::string out =
            fmt::format("/* {0}: one step of a recurrent cell, in C99. Written by Unspool.\n", options_.name);
        for (auto const& n : plan_.nodes) out += fmt::format(" *     {}\n", c_comment(plan_.equation(n)));
        out += fmt::format(
            " */\n#ifndef UNSPOOL_{0}_H\n#define UNSPOOL_{0}_H\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n",
            upper_);
        CNames macros;
        for (std::size_t k = 0; k < plan_.inputs.size(); ++k)
            out += size_of(macros, source_.name_of_input(k), plan_.arrays[plan_.inputs[k]].shape);
        for (std::size_t k = 0; k < plan_.results.size(); ++k)
            out += size_of(macros, source_.name_of_result(k), plan_.results[k].window.shape);
        if (options_.loaded) out += weights_struct();
        out += "\ntypedef struct {\n";
        for (std::size_t k = 0; k < plan_.state.size(); ++k)
            out += member(real_, source_.name_of_state(k), count(plan_.arrays[plan_.state[k].array].shape));
        if (plan_.state.empty()) out += "    char none;\n";
        out += fmt::format("}} {}_state;\n\n/* To the state before the first step. */\n{};\n", options_.name,
                           reset_head());
        out += fmt::format("/* One step: reads the inputs and the state, writes the results and the next state. x "
                           "and y may be one array, and neither a part of *s. */\n{};\n",
                           step_head());
        return out + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
    }

    std::string source() const {
        std::string out =
            fmt::format("/* {0}: see {0}.h. */\n#include \"{0}.h\"\n#include <math.h>\n\ntypedef {1} real;\n\n",
                        options_.name, real_);
        if (!options_.loaded)
            for (auto const& f : source_.fixed()) out += constant("static const ", f) + "\n";
        for (auto const& f : source_.functions()) out += f + (f.find("\n    ") != std::string::npos ? "\n" : "");
        out += fmt::format("\n{} {{\n", reset_head());
        for (std::size_t k = 0; k < plan_.state.size(); ++k) out += initial(k);
        if (plan_.state.empty()) out += "    (void)s;\n";
        return out + fmt::format("}}\n\n{} {{\n{}}}\n", step_head(), source_.body());
    }

    std::string test() const {
        Arena memory;
        std::deque<Window> windows;
        return c_test(as_stored(memory, windows), options_, options_.loaded ? trained() : "");
    }

private:
    /// The plan with the weights that 8 bits hold, so that the test is as strict as of others.
    StepPlan as_stored(Arena& memory, std::deque<Window>& windows) const {
        StepPlan out = recorded_;
        for (auto const& f : source_.fixed()) {
            if (!f.int8) continue;
            PlannedArray& array = out.arrays[f.array];
            Int8 const packed(numbers_of(plan_, f.array), array.shape[1]);
            Window& w = windows.emplace_back(*array.recorded);
            w.strides = row_major(array.shape);
            w.data    = memory.array(packed.integers.size() * core::size_of(out.dtype));
            dispatch(out.dtype, [&](auto t) {
                using T        = decltype(t);
                auto* const to = static_cast<T*>(w.data);
                for (std::size_t i = 0; i < packed.integers.size(); ++i)
                    to[i] = static_cast<T>(packed.integers[i]) *
                            static_cast<T>(packed.scales[i / static_cast<std::size_t>(array.shape[1])]);
            });
            array.recorded = &w;
        }
        return out;
    }
    void require_finite(CSource::Fixed const& f, Where where) const {
        for (double x : numbers_of(plan_, f.array))
            if (!std::isfinite(x))
                throw ValueError(fmt::format("{}: write_c: {} in the weight {} cannot be stored as 8 bits", text(where),
                                             x, plan_.arrays[f.array].name));
    }
    std::string size_of(CNames& macros, std::string const& name, Shape const& shape) const {
        return fmt::format("#define {} {} /* numbers in {}, {} */\n", macros.take(upper_ + "_" + in_capitals(name)),
                           count(shape), name, text(shape));
    }
    static std::string member(std::string_view type, std::string const& name, Index n) {
        return fmt::format("    {} {}[{}];\n", type, name, std::max<Index>(n, 1));
    }
    std::string weights_struct() const {
        std::string out = "\ntypedef struct {\n";
        for (auto const& f : source_.fixed()) {
            Shape const& shape = plan_.arrays[f.array].shape;
            out += member(f.int8 ? "signed char" : real_, f.name, count(shape));
            if (f.int8) out += member(real_, f.name + "_scale", shape[0]);
        }
        if (source_.fixed().empty()) out += "    char none;\n";
        return out + fmt::format("}} {}_weights;\n", options_.name);
    }
    std::string reset_head() const { return fmt::format("void {0}_reset({0}_state *s)", options_.name); }
    std::string step_head() const {
        std::string out = fmt::format("void {0}_step({1}{0}_state *s", options_.name,
                                      options_.loaded ? fmt::format("const {}_weights *w, ", options_.name) : "");
        for (std::size_t k = 0; k < plan_.inputs.size(); ++k)
            out += fmt::format(", const {} *{}", real_, source_.name_of_input(k));
        for (std::size_t k = 0; k < plan_.results.size(); ++k)
            out += fmt::format(", {} *{}", real_, source_.name_of_result(k));
        return out + ")";
    }
    /// "static const real W[] = {…};", of integers with scales behind it.
    std::string constant(std::string const& prefix, CSource::Fixed const& f) const {
        auto const numbers = numbers_of(plan_, f.array);
        if (!f.int8)
            return fmt::format("{}real {}[{}] = {};\n", prefix, f.name, std::max<std::size_t>(numbers.size(), 1),
                               c_list(numbers, options_.dtype));
        Int8 const packed(numbers, plan_.arrays[f.array].shape[1]);
        return fmt::format("{0}signed char {1}[{2}] = {3};\n{0}real {1}_scale[{4}] = {5};\n", prefix, f.name,
                           packed.integers.size(), packed.list(), packed.scales.size(),
                           c_list(packed.scales, options_.dtype));
    }
    std::string initial(std::size_t k) const {
        auto const& numbers    = plan_.state[k].initial;
        std::string const name = source_.name_of_state(k);
        bool const same        = std::all_of(numbers.begin(), numbers.end(), [&](double x) { return x == numbers[0]; });
        if (same)
            return fmt::format("    for (int i = 0; i < {}; ++i) s->{}[i] = {};\n", numbers.size(), name,
                               numbers.empty() ? "0" : c_number(numbers[0], options_.dtype));
        return fmt::format("    static const real start_{0}[{1}] = {2};\n    for (int i = 0; i < {1}; ++i) s->{0}[i] = "
                           "start_{0}[i];\n",
                           name, numbers.size(), c_list(numbers, options_.dtype));
    }
    std::string trained() const {
        std::string out = fmt::format("static const {}_weights trained = {{\n", options_.name);
        for (auto const& f : source_.fixed()) {
            auto const numbers = numbers_of(plan_, f.array);
            if (f.int8) {
                Int8 const packed(numbers, plan_.arrays[f.array].shape[1]);
                out += packed.list() + ", " + c_list(packed.scales, options_.dtype) + ",\n";
            } else out += c_list(numbers, options_.dtype) + ",\n";
        }
        if (source_.fixed().empty()) out += "0";
        return out + "};\n";
    }

    CFileOptions const& options_;
    StepPlan plan_;
    StepPlan const recorded_;  // with all in one memory
    CSource source_;
    std::string real_, upper_;
};

}  // namespace

CFiles c_files(PlannableCell const& cell, CFileOptions const& o, Where where) {
    CFile const file(cell, o, where);
    return {file.header(), file.source(), file.test()};
}

void write_c_files(PlannableCell const& cell, std::string const& path, CFileOptions o, Where where) {
    std::filesystem::path const to(path);
    if (o.name.empty()) o.name = to.stem().string();
    if (!is_c_name(o.name)) throw NameError(fmt::format("{}: write_c: \"{}\" is no name in C", text(where), o.name));
    if (o.test_steps < 1) throw ValueError(fmt::format("{}: write_c: a test of {} steps", text(where), o.test_steps));
    auto const beside = [&](std::string const& name) { return (to.parent_path() / name).string(); };
    for (auto const& other : {beside(o.name + ".h"), beside(o.name + "_test.c")})
        if (std::filesystem::path(other) == to)
            throw ValueError(fmt::format("{}: write_c: {} is the name of another of the three files: give \"{}.c\"",
                                         text(where), path, o.name));
    CFiles const files = c_files(cell, o, where);
    write_whole(beside(o.name + ".h"), files.header);
    write_whole(path, files.source);
    write_whole(beside(o.name + "_test.c"), files.test);
}

}  // namespace unspool::core
