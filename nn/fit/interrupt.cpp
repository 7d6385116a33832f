// Ctrl-C as something to ask for.
#include <csignal>
#include <unspool/nn/fit/interrupt.hpp>

namespace unspool::core {

namespace {

volatile std::sig_atomic_t interrupted = 0;
int catching                           = 0;  // how many of them live
struct sigaction outermost {};               // what was done before the first of them

// Async-signal-safe: sigaction is.
void on_interrupt(int) {
    interrupted = 1;
    sigaction(SIGINT, &outermost, nullptr);
}

}  // namespace

Interrupt::Interrupt(bool wanted) : catching_(wanted) {
    if (!catching_ || catching++ > 0) return;
    interrupted = 0;
    sigaction(SIGINT, nullptr, &outermost);
    struct sigaction ours {};
    ours.sa_handler = on_interrupt;
    ours.sa_flags   = SA_RESTART;
    sigemptyset(&ours.sa_mask);
    if (outermost.sa_handler != SIG_IGN) sigaction(SIGINT, &ours, nullptr);
}

Interrupt::~Interrupt() {
    if (catching_ && --catching == 0) sigaction(SIGINT, &outermost, nullptr);
}

bool Interrupt::asked() const { return catching_ && interrupted; }

}  // namespace unspool::core
