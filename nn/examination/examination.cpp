// One instrument after the other.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/picture/network_page.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/deploy/c_file.hpp>
#include <unspool/nn/examination/examination.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t most_of_picture = 600'000;  // bytes

std::vector<Var> sequences(Tape& tape, std::vector<Shape> const& inputs, Index steps, Index batch) {
    Random random(1);
    std::vector<Var> out;
    for (Shape const& shape : inputs)
        out.push_back(tape.input(noise_behind({steps, batch}, shape, random),
                                 inputs.size() == 1 ? "xs" : fmt::format("xs{}", out.size())));
    return out;
}

std::string picture_of(ExaminedCell const& cell, std::vector<Shape> const& inputs, double seconds) {
    Tape tape;
    auto const all =
        cell.erased(2).scan(sequences(tape, inputs, 3, 2), cell.stepped.start(tape, 2), {.module = "cell"});
    NetworkPage page = Graph(all, {.time_limit = seconds}).page(most_of_picture);
    if (!page.complaint.empty()) throw FileError(page.complaint);
    return std::move(page.body);
}

/// Beyond the first order, along random directions: there is a derivative for each two elements.
GradReport checked(ExaminedCell const& cell, Params const& params, std::vector<Shape> const& inputs, int order,
                   Where where) {
    CellcheckOptions o{.steps = 3, .order = order};
    if (order > 1) o.gradcheck.directions = 4, o.gradcheck.max_results = 0;
    Random random(7);
    for (Shape const& shape : inputs)
        o.inputs.emplace_back(inputs.size() == 1 ? "xs" : fmt::format("xs{}", o.inputs.size()),
                              noise_behind({o.steps, o.batch}, shape, random));
    return check_cell(cell.erased(o.batch), &params, o, where);
}

double seconds_of(ErasedCell const& cell, std::vector<Shape> const& inputs, SteppedCell const& stepped, Tape& tape) {
    constexpr Index steps = 32, batch = 16;
    tape.rewind();
    auto const xs    = sequences(tape, inputs, steps, batch);
    auto const start = std::chrono::steady_clock::now();
    auto const all   = cell.scan(xs, stepped.start(tape, batch), {});
    Var loss         = tape.constant(0.0);
    for (std::size_t t = 0; t < static_cast<std::size_t>(steps); ++t) loss = loss + sum(square(all[t]));
    if (loss.requires_grad()) static_cast<void>(backward(loss));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Each beside one of an LSTM, so that both have the machine to themselves as much: the median.
double time_beside_lstm(ExaminedCell const& cell, std::vector<Shape> const& inputs) {
    Tape tape, other;
    Index in = 0;
    for (Shape const& shape : inputs) in += count(shape);
    Index const units = count(cell.stepped.output(cell.stepped.start(tape, 1)).shape());
    Params const params(1);
    nn::LSTMCell const lstm(params, in, units);
    ErasedCell const mine = cell.erased(16), its = erased(lstm, 16);
    SteppedCell const lstm_steps = stepped_cell(lstm);
    std::vector<double> all;
    for (int k = 0; k < 9; ++k)
        all.push_back(seconds_of(mine, inputs, cell.stepped, tape) / seconds_of(its, {{in}}, lstm_steps, other));
    std::nth_element(all.begin(), all.begin() + 4, all.end());
    return all[4];
}

SizeInC size_in_c(ExaminedCell const& cell, std::vector<Shape> const& inputs, Where where) {
    CFiles const files  = c_files(cell.plannable(1), {.name = "cell", .inputs = inputs, .test_steps = 1}, where);
    StepPlan const plan = plan_of(cell.plannable(1), {1, inputs, float32}, where);
    return {std::ssize(files.source), plan.bytes_of_parameters(), plan.bytes_of_memory()};
}

std::string operator_in_onnx(ExaminedCell const& cell, std::vector<Shape> const& inputs, Where where) {
    auto const model = nn::onnx::model_of(cell.description(), {.inputs = inputs}, where);
    for (auto const& node : model.graph.nodes)
        for (char const* op : {"RNN", "GRU", "LSTM", "Scan"})
            if (node.op == op) return op;
    return model.graph.nodes.empty() ? "" : model.graph.nodes.back().op;
}

/// What takes a surrogate for a derivative has a gradient that is that of no function.
Possible<Learning> without_surrogates(Possible<Learning> l, Possible<GradReport> const& check) {
    if (l && l->eigenvalues && check && !check->surrogates.empty())
        l.value->eigenvalues = {{}, "a surrogate stands for a derivative, and has no Hessian: " + check->surrogates[0]};
    return l;
}

}  // namespace

Examination examination_of(ExaminedCell const& cell, Params const& params, ExamineOptions const& o, Where where) {
    auto const inputs = shapes_of_inputs(cell, o.inputs, where);
    DynamicsOptions const through_time{.inputs = inputs, .steps = o.steps, .exponents = o.exponents};
    Examination out;
    out.title   = o.title.empty() ? "A cell" : o.title;
    out.picture = possible([&] { return picture_of(cell, inputs, o.time_limit); });
    out.sheet   = possible([&] { return datasheet_of(cell.erased(1), {.title = out.title, .inputs = inputs}, where); });
    for (int order : {1, 2})
        out.checks.emplace_back(order, possible([&] { return checked(cell, params, inputs, order, where); }));
    auto const engines =
        possible([&] { return agreement(cell, params, {.inputs = inputs, .time_limit = o.time_limit}, where); });
    out.engines = engines ? *engines : std::vector<EngineError>{{"`backward`", {{}, engines.why}}};
    out.time    = possible([&] { return time_beside_lstm(cell, inputs); });
    out.c       = possible([&] { return size_in_c(cell, inputs, where); });
    out.onnx    = possible([&] { return operator_in_onnx(cell, inputs, where); });
    std::optional<Lesson> lesson;
    auto const taught = possible([&] { return &lesson.emplace(cell, params, inputs, o.sequences, o.loss, where); });
    auto const look   = [&](char const* when) {
        out.dynamics.emplace_back(when, dynamics_of(cell, through_time, where));
        out.learning.emplace_back(
              when, taught ? without_surrogates(possible([&] { return learning_of(*lesson, params, where); }),
                                                out.checks[0].second)
                           : Possible<Learning>{{}, taught.why});
    };
    look("at initialisation");
    if (o.train) o.train(), look("after training");
    return out;
}

void save(Examination const& e, std::string const& path) {
    std::string const page = e.html();
    write_whole(path, page);
}

void write_examination(ExaminedCell const& cell, Params const& params, std::string const& path,
                       ExamineOptions const& options, Where where) {
    ExamineOptions titled = options;
    if (titled.title.empty()) titled.title = std::filesystem::path(path).stem().string();
    save(examination_of(cell, params, titled, where), path);
}

}  // namespace unspool::core
