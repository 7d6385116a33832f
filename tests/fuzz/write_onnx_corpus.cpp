// write_onnx_corpus FOLDER: the seeds of the fuzzer of ONNX files, small models of each kind.
#include <unspool.hpp>
#include <unspool/nn/onnx/write.hpp>

using namespace unspool;

int main(int, char** arguments) {
    Params const p(1);
    auto const file = [&](char const* name) { return std::string(arguments[1]) + "/" + name; };
    write_onnx(file("rnn"), nn::RNN(p / "a", 1, 1));
    write_onnx(file("gru"), nn::GRU(p / "b", 1, 1, {.bidirectional = true}), {.states = true});
    write_onnx(file("lstm"), nn::LSTM(p / "c", 1, 1, {.layers = 2}, {.peepholes = true}));
    write_onnx(file("irnn"), nn::Layer<nn::IRNNCell>(nn::IRNNCell(p / "d", 1, 1), true), {.states = true});
    write_onnx(file("reader"),
               nn::Sequential(p / "e", keras::Embedding(3, 1), keras::SimpleRNN(1), keras::Dense(1, nn::gelu)));
    write_onnx(file("function"), nn::Sequential(nn::Input{4}, [](Var x) -> Var {
                   Var const pairs = transpose(reshape(x, {x.size(0), x.size(1), 2, 2}), {1, 0, 3, 2});
                   return softmax(concat({slice(pairs, 1, 1, -1), flip(pairs, 1)}, 1), -1) * mean(x) + max(x, -1)[0][0];
               }));
}
