// fork(): of all threads, the child has the one that called it, and of a lock that another held, no one to open it.
#pragma once
#include <memory>
#include <pthread.h>

namespace unspool::core {

/// How many forks lie between this process and the first that used the library.  Threads made at another count are not there.
unsigned forks();

/// Holds a lock of static life across forks, so that what it guards is whole in the child, where the lock is open.  Once, at the start.
template <auto& mutex> int hold_across_forks() {
    return pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { std::construct_at(&mutex); });
}

}  // namespace unspool::core
