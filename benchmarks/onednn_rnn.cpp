// Sets up oneDNN's recurrent primitives and the reorders between plain and blocked layouts around them.
#include "onednn_rnn.hpp"

#include <dnnl.hpp>

#include <array>
#include <cstring>
#include <map>
#include <unordered_map>
#include <vector>

// Of the libgomp that Debian links oneDNN with; the <omp.h> of clang belongs to another runtime.
extern "C" void omp_set_num_threads(int);

namespace bench {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;
using Desc      = memory::desc;
using Tag       = memory::format_tag;

constexpr auto f32       = memory::data_type::f32;
constexpr auto direction = dnnl::rnn_direction::unidirectional_left2right;

constexpr int argument(RnnTensor tensor) {
    constexpr int arguments[] = {DNNL_ARG_SRC_LAYER,     DNNL_ARG_SRC_ITER,     DNNL_ARG_SRC_ITER_C,
                                 DNNL_ARG_WEIGHTS_LAYER, DNNL_ARG_WEIGHTS_ITER, DNNL_ARG_BIAS,
                                 DNNL_ARG_DST_LAYER,     DNNL_ARG_DST_ITER,     DNNL_ARG_DST_ITER_C};
    return arguments[static_cast<int>(tensor)];
}

constexpr int gradient_argument(RnnTensor tensor) {
    constexpr int arguments[] = {DNNL_ARG_DIFF_SRC_LAYER,     DNNL_ARG_DIFF_SRC_ITER,     DNNL_ARG_DIFF_SRC_ITER_C,
                                 DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS,
                                 DNNL_ARG_DIFF_DST_LAYER,     DNNL_ARG_DIFF_DST_ITER,     DNNL_ARG_DIFF_DST_ITER_C};
    return arguments[static_cast<int>(tensor)];
}

std::vector<RnnTensor> tensors_of(Cell cell) {
    using enum RnnTensor;
    std::vector<RnnTensor> tensors{input, initial_hidden, input_weight, hidden_weight, bias, output, final_hidden};
    if (cell == Cell::lstm) tensors.insert(tensors.end(), {initial_cell, final_cell});
    return tensors;
}

// A gradient has the description of its value.
struct Descs {
    Desc x, state, w, u, b, y;

    Descs(Cell cell, RnnShape const& shape, bool plain_weights) {
        auto const [T, B, I, H] = std::array{dim(shape.steps), dim(shape.batch), dim(shape.inputs), dim(shape.units)};
        memory::dim const gates = cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1;
        Tag const weight_tag    = plain_weights ? Tag::ldgoi : Tag::any;
        x                       = Desc({T, B, I}, f32, Tag::tnc);
        y                       = Desc({T, B, H}, f32, Tag::tnc);
        state                   = Desc({1, 1, B, H}, f32, Tag::ldnc);
        w                       = Desc({1, 1, I, gates, H}, f32, weight_tag);
        u                       = Desc({1, 1, H, gates, H}, f32, weight_tag);
        b                       = Desc({1, 1, cell == Cell::gru ? 4 : gates, H}, f32, Tag::ldgo);
    }

    [[nodiscard]] Desc const& of(RnnTensor tensor) const {
        switch (tensor) {
            case RnnTensor::input: return x;
            case RnnTensor::input_weight: return w;
            case RnnTensor::hidden_weight: return u;
            case RnnTensor::bias: return b;
            case RnnTensor::output: return y;
            default: return state;
        }
    }

private:
    static memory::dim dim(std::size_t size) { return static_cast<memory::dim>(size); }
};

struct Plans {
    dnnl::primitive_desc inference, training, backward;
};

Plans lstm_plans(Descs const& d, dnnl::engine const& engine) {
    using Forward      = dnnl::lstm_forward;
    using Backward     = dnnl::lstm_backward;
    auto const forward = [&](dnnl::prop_kind kind) {
        Forward::desc const desc(kind, direction, d.x, d.state, d.state, d.w, d.u, d.b, d.y, d.state, d.state);
        return Forward::primitive_desc(desc, engine);
    };
    Backward::desc const backward(dnnl::prop_kind::backward, direction, d.x, d.state, d.state, d.w, d.u, d.b, d.y,
                                  d.state, d.state, d.x, d.state, d.state, d.w, d.u, d.b, d.y, d.state, d.state);
    auto const training = forward(dnnl::prop_kind::forward_training);
    return {forward(dnnl::prop_kind::forward_inference), training,
            Backward::primitive_desc(backward, engine, training)};
}

Plans gru_plans(Descs const& d, dnnl::engine const& engine) {
    using Forward      = dnnl::lbr_gru_forward;
    using Backward     = dnnl::lbr_gru_backward;
    auto const forward = [&](dnnl::prop_kind kind) {
        Forward::desc const desc(kind, direction, d.x, d.state, d.w, d.u, d.b, d.y, d.state);
        return Forward::primitive_desc(desc, engine);
    };
    Backward::desc const backward(dnnl::prop_kind::backward, direction, d.x, d.state, d.w, d.u, d.b, d.y, d.state, d.x,
                                  d.state, d.w, d.u, d.b, d.y, d.state);
    auto const training = forward(dnnl::prop_kind::forward_training);
    return {forward(dnnl::prop_kind::forward_inference), training,
            Backward::primitive_desc(backward, engine, training)};
}

Plans rnn_plans(Descs const& d, dnnl::engine const& engine) {
    using Forward      = dnnl::vanilla_rnn_forward;
    using Backward     = dnnl::vanilla_rnn_backward;
    auto const tanh    = dnnl::algorithm::eltwise_tanh;
    auto const forward = [&](dnnl::prop_kind kind) {
        Forward::desc const desc(kind, tanh, direction, d.x, d.state, d.w, d.u, d.b, d.y, d.state);
        return Forward::primitive_desc(desc, engine);
    };
    Backward::desc const backward(dnnl::prop_kind::backward, tanh, direction, d.x, d.state, d.w, d.u, d.b, d.y, d.state,
                                  d.x, d.state, d.w, d.u, d.b, d.y, d.state);
    auto const training = forward(dnnl::prop_kind::forward_training);
    return {forward(dnnl::prop_kind::forward_inference), training,
            Backward::primitive_desc(backward, engine, training)};
}

Plans plans_of(Cell cell, Descs const& descs, dnnl::engine const& engine) {
    switch (cell) {
        case Cell::lstm: return lstm_plans(descs, engine);
        case Cell::gru: return gru_plans(descs, engine);
        default: return rnn_plans(descs, engine);
    }
}

std::span<float> elements(memory const& tensor) {
    return {static_cast<float*>(tensor.get_data_handle()), tensor.get_desc().get_size() / sizeof(float)};
}

void fill_zero(memory const& tensor) { std::memset(tensor.get_data_handle(), 0, tensor.get_desc().get_size()); }

memory zeros(Desc const& desc, dnnl::engine const& engine) {
    memory tensor(desc, engine);
    fill_zero(tensor);
    return tensor;
}

struct Move {
    memory from, to;
    dnnl::reorder reorder;

    Move(memory const& source, memory const& target) : from(source), to(target), reorder(source, target) {}

    void run(dnnl::stream& stream) { reorder.execute(stream, from, to); }
};

// A primitive and its arguments.
struct Pass {
    dnnl::primitive primitive;
    Arguments arguments;

    void run(dnnl::stream& stream) { primitive.execute(stream, arguments); }
};

}  // namespace

struct OneDnnRnn::State {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    int threads;
    Packing packing;
    std::vector<RnnTensor> tensors;
    std::map<int, memory> plain;
    Plans plans;
    Pass inference, training, backward;
    std::vector<Move> pack_inference, pack_training, pack_backward, unpack;
    std::vector<memory> accumulators;

    State(Cell cell, RnnShape const& shape, int thread_count, Packing packing_choice)
        : threads(thread_count), packing(packing_choice), tensors(tensors_of(cell)) {
        omp_set_num_threads(thread_count);
        allocate(Descs(cell, shape, true));
        plans = plans_of(cell, Descs(cell, shape, false), engine);
        set_up_forward(inference, plans.inference, pack_inference);
        set_up_forward(training, plans.training, pack_training);
        set_up_backward();
    }

    void allocate(Descs const& descs) {
        for (auto const tensor : tensors) {
            plain.emplace(argument(tensor), zeros(descs.of(tensor), engine));
            plain.emplace(gradient_argument(tensor), zeros(descs.of(tensor), engine));
        }
    }

    // The plain memory of an argument where the primitive takes it as it is, else a blocked one.
    memory operand(dnnl::primitive_desc const& plan, int arg) {
        auto const wanted  = plan.query_md(dnnl::query::exec_arg_md, arg);
        auto const& tensor = plain.at(arg);
        return wanted == tensor.get_desc() ? tensor : zeros(wanted, engine);
    }

    void bind_values(Pass& pass, dnnl::primitive_desc const& plan, std::vector<Move>& packs) {
        pass.primitive = dnnl::primitive(plan);
        for (auto const tensor : tensors) {
            int const arg     = argument(tensor);
            auto const& bound = pass.arguments[arg] = operand(plan, arg);
            if (bound != plain.at(arg)) packs.emplace_back(plain.at(arg), bound);
        }
    }

    void set_up_forward(Pass& pass, dnnl::primitive_desc const& plan, std::vector<Move>& packs) {
        bind_values(pass, plan, packs);
        auto const workspace = plan.query_md(dnnl::query::workspace_md);
        if (workspace.get_size() > 0) pass.arguments[DNNL_ARG_WORKSPACE] = memory(workspace, engine);
    }

    void set_up_backward() {
        bind_values(backward, plans.backward, pack_backward);
        for (auto const tensor : tensors) bind_gradient(tensor);
        backward.arguments[DNNL_ARG_WORKSPACE] = training.arguments.at(DNNL_ARG_WORKSPACE);
    }

    void bind_gradient(RnnTensor tensor) {
        int const arg     = gradient_argument(tensor);
        auto const& bound = backward.arguments[arg] = operand(plans.backward, arg);
        if (bound != plain.at(arg)) unpack.emplace_back(bound, plain.at(arg));
        // Of all gradients the primitive adds to these and overwrites the others.
        if (tensor == RnnTensor::input_weight || tensor == RnnTensor::hidden_weight || tensor == RnnTensor::bias)
            accumulators.push_back(bound);
    }

    void run_all(std::vector<Move>& moves) {
        for (auto& move : moves) move.run(stream);
    }

    void pack(std::vector<Move>& moves) {
        if (packing == Packing::every_step) run_all(moves);
    }

    void run_forward(Pass& pass, std::vector<Move>& packs) {
        omp_set_num_threads(threads);
        pack(packs);
        pass.run(stream);
    }

    void run_backward() {
        pack(pack_backward);
        for (auto const& accumulator : accumulators) fill_zero(accumulator);
        backward.run(stream);
        pack(unpack);
    }
};

OneDnnRnn::OneDnnRnn(Cell cell, RnnShape const& shape, int threads, Packing packing)
    : state_(std::make_unique<State>(cell, shape, threads, packing)) {}

OneDnnRnn::~OneDnnRnn()                               = default;
OneDnnRnn::OneDnnRnn(OneDnnRnn&&) noexcept            = default;
OneDnnRnn& OneDnnRnn::operator=(OneDnnRnn&&) noexcept = default;

void OneDnnRnn::infer() {
    state_->run_forward(state_->inference, state_->pack_inference);
    state_->stream.wait();
}

void OneDnnRnn::forward() {
    state_->run_forward(state_->training, state_->pack_training);
    state_->stream.wait();
}

void OneDnnRnn::forward_backward() {
    state_->run_forward(state_->training, state_->pack_training);
    state_->run_backward();
    state_->stream.wait();
}

void OneDnnRnn::pack_weights() {
    state_->run_all(state_->pack_inference);
    state_->run_all(state_->pack_training);
    state_->run_all(state_->pack_backward);
    state_->stream.wait();
}

void OneDnnRnn::unpack_gradients() {
    state_->run_all(state_->unpack);
    state_->stream.wait();
}

std::span<float> OneDnnRnn::value(RnnTensor tensor) const { return elements(state_->plain.at(argument(tensor))); }

std::span<float> OneDnnRnn::gradient(RnnTensor tensor) const {
    return elements(state_->plain.at(gradient_argument(tensor)));
}

std::string OneDnnRnn::implementation() const {
    auto const& plans = state_->plans;
    return std::string(plans.training.impl_info_str()) + ", " + plans.backward.impl_info_str();
}

}  // namespace bench
