// What went on inside of a scan: gates and states, step by step, for plots and for losses.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

/// Give it to a scan, `scan(lstm, xs, s, {.record = &recorder})`, and ask for what has a name in the cell:
/// `recorder.sequence("c")` is [T,...].  Names are those of the state's members, of the Vars of the cell's equations, where the
/// source is at hand or they were `.named()`, and of what the cell's own `record(Recorder&, Index t, Var x, State) const` puts:
/// the gates of the shipped cells.
///
/// A stack of layers puts "l0.h", "l0.i" … "l1.h": a short name, "h", is then that of the layer that was recorded last.
class Recorder {
public:
    /// `x` is what `name` was in step t.  What is put again is replaced.
    void put(std::string_view name, Index t, Var x);
    /// All Vars that have a name, and were recorded since node `first`.
    void named(Tape&, NodeId first, Index t);

    std::vector<std::string> names() const;  ///< of what was recorded
    /// The values in all steps, from which gradients flow back: [T,...].  NameError where nothing has that name, or not in each step;
    /// it lists what there is.
    Var sequence(std::string_view name, Where = Where::here()) const;
    /// The same, one by one: what a loss was computed from, which `sequence`, made later, is not.
    std::vector<Var> steps(std::string_view name, Where = Where::here()) const;
    /// Can it be asked for?
    bool in_every_step(std::string_view name) const { return find(name) != steps_.end(); }
    /// Those that are called so, in the order of their names: "h" itself, or "l0.h", "l1.h" … of layers.
    std::vector<std::string> in_layers(std::string_view name) const;

    /// f(name, t, x) of all.
    template <class F> void each(F f) const {
        for (auto const& [name, steps] : steps_)
            for (auto const& [t, x] : steps) f(name, t, x);
    }

    void clear() { steps_.clear(), last_.clear(), most_ = 0; }  ///< before the next scan, which else adds to it

private:
    friend class RecordedLayer;
    using Steps = std::map<std::string, std::map<Index, Var>, std::less<>>;
    Steps::const_iterator find(std::string_view name) const;  // the end where it is not in each step

    Steps steps_;
    std::map<std::string, std::string, std::less<>> last_;  // of a short name, the long one
    std::string layer_;
    std::size_t most_ = 0;  // steps of any name
};

/// While it lives, what is put into a recorder, if there is one, belongs to a layer: "l0.h".
class [[nodiscard]] RecordedLayer {
public:
    /// Until its end, names get the layer in front; nothing where the recorder is null.
    RecordedLayer(Recorder* recorder, std::string_view layer);
    ~RecordedLayer();
    RecordedLayer(RecordedLayer const&)            = delete;
    RecordedLayer& operator=(RecordedLayer const&) = delete;

private:
    Recorder* recorder_;
    std::string outer_;
};

}  // namespace unspool::core

namespace unspool {

using core::RecordedLayer, core::Recorder;

}  // namespace unspool
