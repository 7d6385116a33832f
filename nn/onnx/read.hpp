// Models out of ONNX files, to run and to train.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/ops/arrays/indices.hpp>
#include <variant>
#include <vector>

namespace unspool::nn {

struct OnnxReadOptions {
    Index most_elements = Index{1} << 28;  ///< of any array on the way: more is an error, not an attempt
};

namespace onnx {
struct Model;
}

/// The graph of a file.  Copies share its parameters.
class OnnxModel {
public:
    /// For read_onnx().
    OnnxModel(onnx::Model, std::string file, OnnxReadOptions const&, Where);

    /// What the first output is for the one input.  ValueError where the model has several; ShapeError where x does not fit.
    Var operator()(Var x, Where = Where::here()) const;
    /// The same for symbols, or other whole numbers.
    Var operator()(Tape&, Indices const&, Where = Where::here()) const;
    template <IntegerArray X> Var operator()(Tape& tape, X const& numbers, Where where = Where::here()) const {
        return (*this)(tape, indices(tape, numbers), where);
    }
    /// All outputs of reals, by name, for inputs by name.  NameError where an input is missing or is none.
    using Input = std::variant<Var, Indices>;
    std::map<std::string, Var> run(Tape&, std::map<std::string, Input> const&, Where = Where::here()) const;

    Params const& params() const { return params_; }  ///< the initializers of reals, by the file's names
    std::vector<std::string> inputs() const;          ///< those that have no initializer
    std::vector<std::string> outputs() const;         ///< their names

    /// The file again, with the parameters as they are now.  FileError where it cannot be written.
    void write(std::string const& path) const;

private:
    Var first(Tape&, Input, Where) const;

    std::shared_ptr<onnx::Model const> model_;  // whose initializers of reals are in params_
    std::string file_;
    OnnxReadOptions options_;
    Params params_;
};

/// Reads a model whose operators are known here, see docs/deploy.md:
///
///     auto model = nn::read_onnx("model.onnx");
///     Var y = model(x);
///
/// Each initializer of reals is a parameter by its name, with dots for slashes: trained, unless it is a scalar, or was written as fixed.
/// What a product of x with the transpose of a matrix, and a sum with a list, gives is what a linear layer gives, to the last bit; so are
/// the operators RNN, GRU and LSTM what the layers of these names are.  Weights and results are of the tape's type.
/// FileError, "model.onnx: byte 17: …", for what is no ONNX file, has an operator that is not known, or breaks a rule of the format:
/// reading takes memory in proportion to the file.  While it runs, a node whose inputs do not fit is a FileError that names it, or the
/// error of the operation.
OnnxModel read_onnx(std::string const& path, OnnxReadOptions const& = {}, Where = Where::here());
/// The same of bytes in memory; `name` is what errors call them.
OnnxModel read_onnx(std::span<std::byte const> bytes, std::string const& name, OnnxReadOptions const& = {},
                    Where = Where::here());

}  // namespace unspool::nn

namespace unspool {

using nn::read_onnx;

}  // namespace unspool
