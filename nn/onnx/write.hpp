// Models as ONNX files, for ONNX Runtime and all others that read them.
#pragma once
#include <concepts>
#include <functional>
#include <string>
#include <unspool/nn/layers/description.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/onnx/graph.hpp>

namespace unspool::nn {

struct OnnxOptions {
    std::vector<Shape> inputs = {};  ///< of each input, without time and batch: `{{3}}`; none: what the model says
    bool states = false;  ///< initial states are inputs, "h_0" [layers · directions,B,…], and last ones outputs, "h_n"
    std::function<Var(Var)> head = {};  ///< what is made of the outputs: `[&](Var ys) -> Var { return out(ys); }`
    /// How long sequences are and how many: `{{.time = 50, .batch = 1}}`; none: both are open.  For readers that want it so, as OpenCV.
    std::optional<onnx::ClosedSizes> sizes = {};
    Dtype dtype                            = float32;  ///< of weights and values
    std::string about                      = {};       ///< a text that the file keeps
};

namespace onnx {

Model model_of(ModelDescription const&, OnnxOptions const&, Where);
void write(std::string const& path, ModelDescription const&, OnnxOptions const&, Where);

/// What a model is made of.
template <class M> ModelDescription description_of(M const& model) {
    if constexpr (requires {
                      { model.description() } -> std::convertible_to<ModelDescription>;
                  })
        return model.description();
    else if constexpr (DescribesItself<M>) return {.layers = {{"", {}, model.description()}}};
    else if constexpr (CellWithZeros<M>)
        return {.layers = {{"", {}, LayerDescription{.cells = {described(model, "", false)}}}}};
    else {
        ModelDescription out{.layers = {{"", [&model](Var x, Where) -> Var { return model(x); }}}};
        if constexpr (requires {
                          { model.in() } -> std::convertible_to<Index>;
                      })
            out.features = model.in();
        return out;
    }
}

}  // namespace onnx

/// Writes a model of embeddings, recurrent layers, and functions of one array, in float32 or float64: a Sequential, a layer, a cell, or
/// anything that is called with a Var:
///
///     write_onnx("model.onnx", model);
///     write_onnx("mgu.onnx", cell, {.states = true});
///
/// The file has an input "x" [time,batch,features], or [time,batch] of whole numbers before an embedding, and an output "y"; how long a
/// sequence is and how many there are is open, unless it is said.  RNN, GRU and LSTM are ONNX's operators of these names, other cells the operator Scan
/// over one recorded step; dropout is left out.  Weights are initializers, called by the parameters' paths; those of the three operators
/// "lstm.l0.W", "lstm.l0.R", "lstm.l0.B", "lstm.l0.P", with ONNX's order of gates.
/// TypeError, which names the operation and its line, where ONNX has no counterpart; ValueError where the model does not say how many
/// features come in, and for sizes below one; TapeError as of step_plan(); FileError where the file cannot be written: then it is as it was.
template <std::convertible_to<std::string> Path, class M>
void write_onnx(Path const& path, M const& model, OnnxOptions const& options = {}, Where where = Where::here()) {
    onnx::write(path, onnx::description_of(model), options, where);
}

}  // namespace unspool::nn

namespace unspool {

using nn::OnnxOptions, nn::write_onnx;

}  // namespace unspool
