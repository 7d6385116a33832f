// A long text in windows.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/corpus.hpp>
#include <unspool/nn/data/fingerprint.hpp>

namespace unspool::core {

/// A sequence of symbols that can be read from any place.
struct Corpus::Source {
    virtual ~Source()                                                            = default;
    virtual Index size() const                                                   = 0;
    virtual void read(std::size_t stream, Index begin, std::span<Index> symbols) = 0;
    virtual void add_to(Fingerprint&) const                                      = 0;
};

struct Corpus::InMemory : Source {
    Symbols all;
    explicit InMemory(Symbols s) : all(std::move(s)) {}
    Index size() const override { return static_cast<Index>(all.size()); }
    void read(std::size_t, Index begin, std::span<Index> symbols) override {
        std::copy_n(all.begin() + begin, symbols.size(), symbols.begin());
    }
    void add_to(Fingerprint& to) const override { to.add(all); }
};

// Symbols have different numbers of bytes: it is known where each thousandth ends.  And a file can be changed by others: it is known
// by their hash which bytes these were.
struct Corpus::InFile : Source {
    static constexpr Index apart = 1024;
    struct Block {
        std::size_t end, hash;
    };
    struct Loaded {
        Index number = -1;
        Symbols symbols;
    };

    TextFile file;
    Vocabulary vocabulary;
    std::vector<Block> blocks;
    std::vector<Loaded> loaded;  // the last one of each stream
    Index count = 0;

    InFile(TextFile f, Vocabulary v) : file(std::move(f)), vocabulary(std::move(v)) {
        SymbolStream symbols = vocabulary.symbols_of(file);
        for (auto symbol = symbols.next(); !symbol.empty(); symbol = symbols.next()) {
            static_cast<void>(vocabulary[symbol]);  // it has to be there
            if (++count % apart == 0) end_block(symbols);
        }
        if (count % apart != 0) end_block(symbols);
    }
    Index size() const override { return count; }
    void read(std::size_t stream, Index begin, std::span<Index> symbols) override {
        while (!symbols.empty()) {
            Symbols const& from = block(stream, begin / apart);
            auto const skip     = static_cast<std::size_t>(begin % apart);
            std::size_t const n = std::min(symbols.size(), from.size() - skip);
            std::copy_n(from.begin() + begin % apart, n, symbols.begin());
            symbols = symbols.subspan(n), begin += static_cast<Index>(n);
        }
    }
    void add_to(Fingerprint& to) const override {
        for (Block const& b : blocks) to.add(std::uint64_t{b.hash});
        for (Index k = 0; k < vocabulary.size(); ++k) to.add(std::uint64_t{hash(vocabulary[k])});
    }

private:
    static std::size_t hash(std::string_view s) { return std::hash<std::string_view>()(s); }
    std::size_t end_of(Index number) const { return number < 0 ? 0 : blocks[static_cast<std::size_t>(number)].end; }

    void end_block(SymbolStream& symbols) {
        auto const bytes = symbols.kept();
        blocks.push_back({end_of(std::ssize(blocks) - 1) + bytes.size(), hash(bytes)});
        symbols.keep_from_here();
    }
    Symbols const& block(std::size_t stream, Index number) {
        if (loaded.size() <= stream) loaded.resize(stream + 1);
        if (loaded[stream].number != number) loaded[stream] = {number, load(number)};
        return loaded[stream].symbols;
    }
    Symbols load(Index number) const {
        std::size_t const begin = end_of(number - 1), end = end_of(number);
        std::string const bytes = file.read(begin, end);
        if (hash(bytes) != blocks[static_cast<std::size_t>(number)].hash)
            throw FileError(fmt::format("cannot read {}: bytes {} to {} have been changed since it was opened",
                                        file.name(), begin, end));
        Symbols out;
        for (std::size_t at = 0; auto const symbol = vocabulary.next(bytes, at, begin);) out.push_back(*symbol);
        return out;
    }
};

namespace {

void require_option(char const* name, Index n, Where where) {
    if (n < 1) throw ValueError(fmt::format("{}: Corpus: {} is {}, but must be at least 1", text(where), name, n));
}

}  // namespace

Corpus::Corpus(std::unique_ptr<Source> source, CorpusOptions const& options, Where where)
    : source_(std::move(source)), options_(options), symbols_(source_->size()) {
    require_option("streams", options.streams, where);
    require_option("steps", options.steps, where);
    length_  = std::max<Index>(0, symbols_ - 1) / options.streams;
    windows_ = length_ / options.steps + (!options.drop_last && length_ % options.steps != 0 ? 1 : 0);
    if (windows_ == 0)
        throw ValueError(
            fmt::format("{}: Corpus: {} symbols are too few for {} streams of {} steps and the symbol after them",
                        text(where), symbols_, options.streams, options.drop_last ? options.steps : 1));
}

Corpus::Corpus(Symbols symbols, CorpusOptions options, Where where)
    : Corpus(std::make_unique<InMemory>(std::move(symbols)), options, where) {}
Corpus::Corpus(TextFile file, Vocabulary vocabulary, CorpusOptions options, Where where)
    : Corpus(std::make_unique<InFile>(std::move(file), std::move(vocabulary)), options, where) {}

Corpus::~Corpus()                            = default;
Corpus::Corpus(Corpus&&) noexcept            = default;
Corpus& Corpus::operator=(Corpus&&) noexcept = default;

Index Corpus::steps_of(Index window) const { return std::min(options_.steps, length_ - window * options_.steps); }

Corpus::Batch const* Corpus::next() {
    if (next_ == windows_) return ++epoch_, next_ = 0, nullptr;
    read(next_);
    ++next_;
    return &batch_;
}

void Corpus::read(Index window) {
    Index const n = options_.streams, steps = steps_of(window);
    auto const count = static_cast<std::size_t>(n);
    std::vector<Symbols> inputs(count, Symbols(static_cast<std::size_t>(steps))), targets = inputs;
    Symbols both(static_cast<std::size_t>(steps) + 1);
    std::vector<Symbols const*> input_rows, target_rows;
    Batch out;
    for (std::size_t b = 0; b < count; ++b) {
        source_->read(b, static_cast<Index>(b) * length_ + window * options_.steps, both);
        inputs[b].assign(both.begin(), both.end() - 1), targets[b].assign(both.begin() + 1, both.end());
        input_rows.push_back(&inputs[b]), target_rows.push_back(&targets[b]);
        out.examples.push_back(static_cast<Index>(b));
    }
    out.inputs  = padded(std::span<Symbols const* const>(input_rows), 0, options_.batch_first);
    out.targets = padded(std::span<Symbols const* const>(target_rows), 0, options_.batch_first);
    out.lengths.assign(count, steps), out.target_lengths.assign(count, steps);
    out.number = window, out.batch_first = options_.batch_first;
    batch_ = std::move(out);
}

std::string Corpus::fingerprint() const {
    Fingerprint all;
    for (Index x : {options_.streams, options_.steps, Index{options_.drop_last}, Index{options_.batch_first}})
        all.add(x);
    source_->add_to(all);
    return fmt::format("{} symbols, checksum {:016x}", symbols_, all.value());
}

void Corpus::fields(Fields f) {
    f.add("symbols", symbols_, symbols_, symbols_);
    f.add("streams", options_.streams, options_.streams, options_.streams);
    f.add("steps", options_.steps, options_.steps, options_.steps);
    f.add("epoch", epoch_);
    f.add("window", next_, 0, windows_);
}

}  // namespace unspool::core
