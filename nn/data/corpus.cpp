// A long text in windows.
#include <fmt/format.h>
#include <unspool/autograd/error.hpp>
#include <unspool/nn/data/corpus.hpp>

namespace unspool {

/// A sequence of symbols that can be read from any place.
struct Corpus::Source {
    virtual ~Source()                                                             = default;
    virtual Index size() const                                                    = 0;
    virtual void  read(std::size_t stream, Index begin, std::span<Index> symbols) = 0;
};

struct Corpus::InMemory : Source {
    Symbols all;
    explicit InMemory(Symbols s) : all(std::move(s)) {}
    Index size() const override { return static_cast<Index>(all.size()); }
    void  read(std::size_t, Index begin, std::span<Index> symbols) override {
        std::copy_n(all.begin() + begin, symbols.size(), symbols.begin());
    }
};

// Symbols have different numbers of bytes: it is known where each thousandth begins, and where each stream has read last.
struct Corpus::InFile : Source {
    static constexpr Index apart = 1024;
    struct Place {
        Index       symbol;
        std::size_t byte;
    };

    TextFile                 file;
    Vocabulary               vocabulary;
    std::vector<std::size_t> marks;  // the bytes at which symbols 0, apart, 2 · apart … begin
    std::vector<Place>       read_last;
    Index                    count = 0;

    InFile(TextFile f, Vocabulary v) : file(std::move(f)), vocabulary(std::move(v)) {
        for (std::size_t at = 0, begin = 0; vocabulary.next(file.bytes(), at); begin = at)
            if (count++ % apart == 0) marks.push_back(begin);
    }
    Index size() const override { return count; }
    Place before(std::size_t stream, Index begin) {
        if (read_last.size() <= stream) read_last.resize(stream + 1, {-1, 0});
        if (read_last[stream].symbol == begin) return read_last[stream];
        return {begin / apart * apart, marks[static_cast<std::size_t>(begin / apart)]};
    }
    void read(std::size_t stream, Index begin, std::span<Index> symbols) override {
        Place at = before(stream, begin);
        for (; at.symbol < begin; ++at.symbol) vocabulary.next(file.bytes(), at.byte);
        for (Index& s : symbols) {
            // the last symbol of a window is the first of the next one
            if (at.symbol == begin + static_cast<Index>(symbols.size()) - 1) read_last[stream] = at;
            s = *vocabulary.next(file.bytes(), at.byte), ++at.symbol;
        }
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
        throw ValueError(fmt::format("{}: Corpus: {} symbols are too few for {} streams of {} steps and the symbol after them", text(where),
                                     symbols_, options.streams, options.drop_last ? options.steps : 1));
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
    Index const                 n = options_.streams, steps = steps_of(window);
    auto const                  count = static_cast<std::size_t>(n);
    std::vector<Symbols>        inputs(count, Symbols(static_cast<std::size_t>(steps))), targets = inputs;
    Symbols                     both(static_cast<std::size_t>(steps) + 1);
    std::vector<Symbols const*> input_rows, target_rows;
    Batch                       out;
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

void Corpus::fields(Fields f) {
    f.add("symbols", symbols_, symbols_, symbols_);
    f.add("streams", options_.streams, options_.streams, options_.streams);
    f.add("steps", options_.steps, options_.steps, options_.steps);
    f.add("epoch", epoch_);
    f.add("window", next_, 0, windows_);
}

}  // namespace unspool
