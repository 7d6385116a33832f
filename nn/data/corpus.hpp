// A long text for truncated backpropagation through time.
#pragma once
#include <memory>
#include <unspool/nn/data/batch.hpp>
#include <unspool/nn/data/epoch.hpp>
#include <unspool/nn/data/vocabulary.hpp>
#include <unspool/nn/files/fields.hpp>

namespace unspool::core {

/// How a text is cut into windows.
struct CorpusOptions {
    Index streams    = 32;     ///< B: readers side by side, each of a part of its own
    Index steps      = 64;     ///< T: of a window
    bool drop_last   = false;  ///< leave out the last window of an epoch where it is shorter
    bool batch_first = false;  ///< [B,T,…] instead of [T,B,…]
};

/// A text as windows [T,B]: stream b of B reads the b-th part of the text, window after window, and the target of each symbol
/// is the next one.  Stream b of a window goes on where stream b of the window before it ended, so that the state of a network
/// can be carried on; in the first window of an epoch (`batch.number == 0`) all begin anew.  A few symbols at the end belong to
/// no stream, so that all have the same number of steps.
class Corpus {
public:
    using Batch = core::Batch<Symbols, Symbols>;  ///< what epoch() goes through: [T,B] symbols, and those behind each

    /// ValueError where an option is less than 1, or where there are too few symbols for one step of each stream (or, with
    /// drop_last, one window).
    explicit Corpus(Symbols, CorpusOptions = {}, Where = Where::here());
    /// Of a file, which is encoded when it is read, and may be larger than memory.  Reads all of it once, to count its symbols.
    /// FileError, from here and from next(), once the file was changed, cut, deleted or replaced, or has grown.
    Corpus(TextFile, Vocabulary, CorpusOptions = {}, Where = Where::here());
    ~Corpus();
    Corpus(Corpus&&) noexcept;
    Corpus& operator=(Corpus&&) noexcept;

    Index symbols() const { return symbols_; }     ///< in the text
    Index batches() const { return windows_; }     ///< windows in an epoch
    Index epoch_number() const { return epoch_; }  ///< from 0

    /// The rest of the epoch: all of it, unless the last one was left early, or a position was restored.
    Epoch<Corpus> epoch() { return Epoch<Corpus>(*this); }
    /// The next window; null after the last, once.  Valid until the next call.
    Batch const* next();
    void rewind() { epoch_ = next_ = 0; }  ///< to the first window of the first epoch

    /// The position.  It cannot be restored in a text of another length, or in other windows.
    void fields(Fields);
    /// How many symbols there are, and a checksum of them, or of the file and its vocabulary, and of the options.
    std::string fingerprint() const;

private:
    struct Source;
    struct InMemory;
    struct InFile;
    Corpus(std::unique_ptr<Source>, CorpusOptions const&, Where);
    Index steps_of(Index window) const;
    void read(Index window);

    std::unique_ptr<Source> source_;
    CorpusOptions options_;
    Index symbols_, length_, windows_;  // in the text; steps of a stream; windows
    Index epoch_ = 0, next_ = 0;
    Batch batch_;
};

}  // namespace unspool::core

namespace unspool {

using core::Corpus, core::CorpusOptions;

}  // namespace unspool
