// A part of a test that runs in the child of a fork.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

/// Does `f` return true in the child, before an alarm ends it?
template <class F> bool in_child(F f) {
    pid_t const child = fork();
    if (child == 0) {
        alarm(30);
        bool right = false;
        try {
            right = f();
        } catch (...) {}
        _exit(right ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
