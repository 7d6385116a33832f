// Files that are written and read, and data.
#include "scenarios.hpp"
#include <fstream>
#include <unspool/nn/files/entry.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

std::string content(fs::path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(fs::path const& file, std::string const& text) { std::ofstream(file, std::ios::binary) << text; }

/// Nothing but these is in the folder.
std::string only(fs::path const& folder, std::vector<std::string> const& names) {
    std::string out;
    for (auto const& e : fs::directory_iterator(folder))
        if (std::find(names.begin(), names.end(), e.path().filename()) == names.end())
            out += " left: " + e.path().filename().string();
    return out;
}

template <WeightLayout dialect> struct Weights : ::Program {
    fs::path folder;
    Params from{1}, to{2};
    nn::LSTM a{from / "lstm", 3, 4}, b{to / "lstm", 3, 4};
    explicit Weights(fs::path const& f) : folder(f) {}

    void run() override {
        save(from, folder / "a.safetensors", {.dialect = dialect, .prefix = "model.", .metadata = {{"key", "value"}}});
        load(to, folder / "a.safetensors", {.prefix = "model.", .dialect = dialect});
    }
    std::string result() override {
        return content(folder / "a.safetensors") + bits(to) + only(folder, {"a.safetensors"});
    }
};

/// All kinds of fields.
struct Everything {
    Params params{1};
    nn::GRU gru{params / "gru", 2, 3};
    Adam adam{params};
    Random random{5};
    Index epoch = 3;
    double best = 0.1;
    std::vector<double> losses{1, 2, 3};
    std::string text = "a text that is longer than fifteen characters";
    Stateful<Var> carried;

    Everything() {
        Tape tape;
        carried.save(tape.constant(xt::ones<float>({2, 3})));
    }
    Checkpoint checkpoint() {
        Checkpoint c;
        c.add("params", params), c.add("adam", adam), c.add("random", random), c.add("epoch", epoch, 0, 10),
            c.add("best", best);
        c.add("losses", losses), c.add("text", text), c.add("carried", carried);
        return c;
    }
    void change() {
        random.uniform();
        epoch = 4, losses.push_back(4), text += " and more", carried.clear();
        params.all()[0]->assign(0.5);
    }
    std::string values() const {
        return bits(params) + random.state() + std::to_string(epoch) + bits(losses) + text +
               std::to_string(carried.empty());
    }
};

struct Saved : ::Program {
    fs::path folder;
    Everything fields;
    explicit Saved(fs::path const& f) : folder(f) {}
    void run() override { fields.checkpoint().save(folder / "run.ckpt"); }
    std::string result() override { return content(folder / "run.ckpt") + only(folder, {"run.ckpt"}); }
};

struct Restored : ::Program {
    fs::path folder;
    Everything fields;
    std::string changed;
    explicit Restored(fs::path const& f) : folder(f) {
        fields.checkpoint().save(folder / "run.ckpt");
        fields.change();
        changed = fields.values();
    }
    void run() override {
        if (fields.values() != changed) throw std::logic_error("an attempt to restore a checkpoint changed something");
        fields.checkpoint().load(folder / "run.ckpt");
    }
    std::string result() override { return fields.values(); }
};

struct Vocabularies : ::Program {
    fs::path folder;
    std::string out;
    explicit Vocabularies(fs::path const& f) : folder(f) {}

    void run() override {
        out.clear();
        std::string const text = "Zwölf Boxkämpfer jagen Viktor quer\nüber den großen Sylter Deich.\n";
        for (auto const& v : {Vocabulary::of_characters(text),
                              Vocabulary::of_words(text, {.padding = true, .text = {.newlines = true}})}) {
            v.save(folder / "v.json");
            Vocabulary const read = Vocabulary::load(folder / "v.json");
            out += content(folder / "v.json") + read.decode(read.encode(text));
        }
    }
    std::string result() override { return out + only(folder, {"v.json"}); }
};

struct Texts : ::Program {
    fs::path folder;
    std::string out;
    explicit Texts(fs::path const& f) : folder(f) {
        std::string text;
        for (int i = 0; i < 200; ++i) text += "the quick brown fox " + std::to_string(i) + "\n";
        put(folder / "text.txt", text);
    }
    void run() override {
        out.clear();
        TextFile file(folder / "text.txt");
        Vocabulary words = Vocabulary::of_words(file);
        Corpus corpus(std::move(file), words, {.streams = 3, .steps = 7});
        for (int epoch = 0; epoch < 2; ++epoch)
            for (auto const& batch : corpus.epoch())
                for (Index i : batch.inputs) out += std::to_string(i);
    }
    std::string result() override { return out; }
};

/// One object, of which each epoch is read in turn.
struct EpochsOfText : ::Program {
    Corpus corpus{Symbols(100, 3), {.streams = 3, .steps = 7}};
    std::string out;
    void run() override {
        out.clear();
        corpus.rewind();
        for (auto const& batch : corpus.epoch())
            out += std::to_string(batch.number) + std::to_string(batch.inputs.size());
    }
    std::string result() override { return out; }
};

struct Tables : ::Program {
    fs::path folder;
    std::string out;
    explicit Tables(fs::path const& f) : folder(f) {
        std::string text = "time,load,\"a long name, with a comma\"\n";
        for (int i = 0; i < 30; ++i) text += fmt_row(i);
        put(folder / "table.csv", text);
    }
    static std::string fmt_row(int i) {
        return std::to_string(i) + "," + std::to_string(i * i % 7) + ".5,\"" + std::to_string(-i) + "\"\n";
    }

    void run() override {
        out.clear();
        Csv const csv     = Csv::read(folder / "table.csv");
        auto const series = csv.array({"load", "a long name, with a comma"});
        Standardiser const scale(series);
        SequenceBatches batches(windows(scale.apply(series), {.length = 5, .horizon = 2, .targets = {1}}),
                                {.size = 4, .bucket = 2, .aligned = false});
        for (int epoch = 0; epoch < 2; ++epoch)
            for (auto const& batch : batches.epoch())
                for (double x : batch.inputs) out += bits(x);
        for (auto const& split : k_fold(30, 3, 1)) out += std::to_string(split.validation[0]);
    }
    std::string result() override { return out; }
};

}  // namespace

std::vector<Scenario> scenarios_of_files() {
    return {scenario<Weights<WeightLayout::pytorch>>("save and load"),
            scenario<Weights<WeightLayout::keras>>("in another dialect"),
            scenario<Saved>("checkpoint saved"),
            scenario<Restored>("checkpoint restored"),
            scenario<Vocabularies>("vocabularies"),
            scenario<Texts>("texts"),
            scenario<EpochsOfText>("epochs of a text"),
            scenario<Tables>("tables")};
}
