// The scopes that a tape is in.
#include <unspool/autograd/tape/scope.hpp>

namespace unspool::core {

Scope::Scope(Tape& tape, ScopeRecord const& record)
    : tape_(tape), record_(tape.arena_.make<ScopeRecord>(record)), epoch_(tape.epoch()) {
    tape.scope_ = record_;
}
Scope::Scope(Tape& tape, std::string_view module) : Scope(tape, ScopeRecord{tape.scope_, tape.arena_.copy(module)}) {}
Scope::Scope(Tape& tape, Index step) : Scope(tape, ScopeRecord{tape.scope_, {}, step}) {}
Scope::~Scope() {
    if (!tape_.survives(record_, epoch_)) return;
    record_->ended = true;
    tape_.enter(tape_.scope_);
}

}  // namespace unspool::core
