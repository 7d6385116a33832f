// Listeners, innermost first.
#include <unspool/ops/arrays/draws.hpp>
#include <utility>

namespace unspool::core {

namespace {

thread_local DrawListener* listener = nullptr;

}  // namespace

DrawListener::During::During(DrawListener& told) : told_(told) { told.outer_ = std::exchange(listener, &told); }
DrawListener::During::~During() { listener = told_.outer_; }

void draws_from(Random& random) {
    for (DrawListener* l = listener; l; l = l->outer_) l->draws_from(random);
}

}  // namespace unspool::core
