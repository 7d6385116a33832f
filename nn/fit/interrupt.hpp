// Ctrl-C as something to ask for.
#pragma once

namespace unspool::core {

/// While it lives, the first Ctrl-C (SIGINT) only sets a flag; the second does what it would have done without.  When it ends,
/// all is as before.  A program that ignores SIGINT goes on ignoring it.  To be used by one thread at a time; one within
/// another shares its flag.
class [[nodiscard]] Interrupt {
public:
    explicit Interrupt(bool catching = true);  ///< or not
    ~Interrupt();
    Interrupt(Interrupt const&)            = delete;
    Interrupt& operator=(Interrupt const&) = delete;

    bool asked() const;  ///< was there a Ctrl-C?

private:
    bool catching_;
};

}  // namespace unspool::core
