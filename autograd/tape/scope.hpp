// What surrounds that which is recorded: modules and time steps, and pauses.
#pragma once
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// While it lives, and until the tape is rewound to before it, a name is part of the module path of what is recorded.
class [[nodiscard]] Scope {
public:
    Scope(Tape& tape, std::string_view module);  ///< what is recorded until its end belongs to a module
    Scope(Tape& tape, Index step);               ///< or to a step of a loop over time
    ~Scope();
    Scope(Scope const&) = delete;

private:
    Scope(Tape& tape, ScopeRecord const&);

    Tape& tape_;
    ScopeRecord* record_;
    std::uint32_t epoch_;
};

/// While it lives, the tape computes without recording: results are constants, and the list of nodes gets nothing but the
/// inputs and parameters that are read for the first time.
class [[nodiscard]] Pause {
public:
    explicit Pause(Tape& tape) : tape_(tape) { ++tape_.paused_; }  ///< nothing is recorded until its end
    ~Pause() { --tape_.paused_; }
    Pause(Pause const&) = delete;

private:
    Tape& tape_;
};

/// How a tape records at some time: which parameters others stand for, and what it may do.
class Circumstances {
public:
    explicit Circumstances(Tape const& tape) : mechanisms_(tape.mechanisms), replacements_(tape.replacements_) {}

    class Again;

private:
    Mechanisms mechanisms_;
    std::unordered_map<Param const*, Tape::Replaced const*> replacements_;
};

/// While it lives, the tape records as it did then, even if it is paused.
class [[nodiscard]] Circumstances::Again {
public:
    Again(Tape& tape, Circumstances then)
        : tape_(tape), other_(std::move(then)), paused_(std::exchange(tape.paused_, 0)) {
        exchange();
    }
    ~Again() { exchange(), tape_.paused_ = paused_; }
    Again(Again const&) = delete;

private:
    void exchange() {
        std::swap(tape_.mechanisms, other_.mechanisms_), std::swap(tape_.replacements_, other_.replacements_);
    }

    Tape& tape_;
    Circumstances other_;
    int paused_;
};

/// While it lives, what is recorded, in whatever files, is said to come from one line, as a part of what it says, and to be in this scope.
class [[nodiscard]] OnBehalf {
public:
    OnBehalf(Tape& tape, Where where, ScopeRecord const* scope)
        : tape_(tape)
        , where_(where.inside())
        , outer_(std::exchange(tape.behalf_, &where_))
        , outer_scope_(std::exchange(tape.scope_, scope)) {}
    ~OnBehalf() { tape_.behalf_ = outer_, tape_.enter(outer_scope_); }
    OnBehalf(OnBehalf const&) = delete;

private:
    Tape& tape_;
    Where where_;
    Where const* outer_;
    ScopeRecord const* outer_scope_;
};

}  // namespace unspool::core

namespace unspool {

using core::Pause, core::Scope;

}  // namespace unspool
