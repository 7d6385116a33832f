// Random programs, run in every way that there is: test_programs [how many] [seed].  A failing one shrinks, and is printed as C++.
// RC_PARAMS, where it is set, says both instead, as rapidcheck prints it to repeat a run.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <programs/checks.hpp>
#include <rapidcheck.h>
#include <unspool/autograd/cpu/threads.hpp>

namespace rc {

template <> struct Arbitrary<programs::Instruction> {
    static Gen<programs::Instruction> arbitrary() {
        auto const byte = gen::resize(kNominalSize, gen::inRange<int>(0, 256));  // whatever the length of the program
        return gen::map(gen::container<std::array<int, 9>>(byte), [](std::array<int, 9> const& n) {
            programs::Instruction out{static_cast<std::uint8_t>(n[0]), {}};
            for (std::size_t k = 0; k < 8; ++k) out.numbers[k] = static_cast<std::uint8_t>(n[k + 1]);
            return out;
        });
    }
};
template <> struct Arbitrary<programs::Program> {
    static Gen<programs::Program> arbitrary() {
        using programs::Program;
        auto const code = gen::scale(0.2, gen::arbitrary<std::vector<programs::Instruction>>());
        return gen::build<Program>(gen::set(&Program::code, code),
                                   gen::set(&Program::seed, gen::cast<std::uint8_t>(gen::inRange<int>(0, 256))),
                                   gen::set(&Program::seeded));
    }
};

}  // namespace rc

namespace {

// Not what a handler may do, but all is lost anyway, and this says where.
void show_and_die(int signal) {
    std::signal(signal, SIG_DFL);
    std::cerr << "ended by signal " << signal << " in a program that had come to\n" << programs::running << std::endl;
    std::raise(signal);
}

}  // namespace

int main(int argc, char** argv) {
    std::string const much = argc > 1 ? argv[1] : "500", seed = argc > 2 ? argv[2] : "1";
    setenv("RC_PARAMS", ("max_success=" + much + " seed=" + seed).c_str(), 0);
    std::signal(SIGSEGV, show_and_die), std::signal(SIGABRT, show_and_die);
    unspool::core::divide_from(64);  // operations, so that small programs are divided among threads as well
    return rc::check("programs give the same, however they are run",
                     [](programs::Program const& p) {
                         std::string const wrong = programs::disagreement(p);
                         if (!wrong.empty())
                             std::cerr << wrong << "\n";  // of each, since what comes and goes does not shrink
                         if (!wrong.empty()) RC_FAIL(wrong);
                     })
               ? 0
               : 1;
}
