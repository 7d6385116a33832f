// The distributions, and streams as text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <locale>
#include <numbers>
#include <random>
#include <sstream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/array/random.hpp>
#include <vector>

namespace unspool::core {

namespace {

std::string text(std::mt19937_64 const& engine) {
    std::ostringstream out;
    out.exceptions(std::ios::badbit);  // which else is all that remains of bad_alloc
    out.imbue(std::locale::classic());
    out << engine;
    return out.str();
}

/// Whole numbers with one space between them; empty if `text` is anything else.
std::vector<std::uint64_t> numbers(std::string_view text) {
    std::vector<std::uint64_t> out;
    char const *at = text.data(), *const end = at + text.size();
    for (std::uint64_t n = 0;; ++at) {
        auto const [stop, error] = std::from_chars(at, end, n);
        if (error != std::errc()) return {};
        out.push_back(n), at = stop;
        if (at == end) return out;
        if (*at != ' ') return {};
    }
}

/// What the library reads back without harm: it does not look whether the position, which some write last, is inside.
bool is_a_state(std::vector<std::uint64_t> const& given, std::vector<std::uint64_t> const& sample) {
    constexpr std::size_t size = std::mt19937_64::state_size;
    return given.size() == sample.size() && (given.size() == size || given.back() <= size) &&
           (given[0] >> 31 != 0 ||  // the lower bits go nowhere; of zeros would come zeros, for ever
            std::any_of(given.begin() + 1, given.begin() + size, [](auto n) { return n != 0; }));
}

}  // namespace

struct Random::Engine : std::mt19937_64 {
    using std::mt19937_64::mt19937_64;
    Engine(Engine const& other) : std::mt19937_64(other) {}
    Engine& operator=(Engine const& other) { return std::mt19937_64::operator=(other), *this; }

    std::shared_ptr<void const> life;  // of this one, and not of its copies
};

Random::Random(std::uint64_t seed) : engine_(std::make_unique<Engine>(seed)) {}
Random::Random(Random const& other) : engine_(std::make_unique<Engine>(*other.engine_)) {}
Random& Random::operator=(Random const& other) { return *engine_ = *other.engine_, *this; }
Random::~Random() = default;

bool Random::operator==(Random const& other) const { return *engine_ == *other.engine_; }

std::weak_ptr<void const> Random::life() const {
    if (!engine_->life) engine_->life = std::make_shared<char>();
    return engine_->life;
}

std::string Random::state() const { return text(*engine_); }

void Random::state(std::string_view wanted) {
    Engine engine;
    if (is_a_state(numbers(wanted), numbers(text(engine)))) {
        std::istringstream in{std::string(wanted)};
        in.exceptions(std::ios::badbit);
        in.imbue(std::locale::classic());
        in >> engine;
        if (in && text(engine) == wanted) return void(*engine_ = engine);
    }
    throw ValueError("this is no state of a stream of random numbers, as Random::state() gives it");
}

double Random::uniform() { return static_cast<double>((*engine_)() >> 11) * 0x1p-53; }

double Random::normal() {
    double const radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is never zero
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::uint64_t Random::below(std::uint64_t n) {
    if (n == 0) throw ValueError("Random::below: there is no number below 0");
    std::uint64_t const fair = Engine::max() - Engine::max() % n;  // draws from here on would favour small numbers
    std::uint64_t draw       = (*engine_)();
    while (draw >= fair) draw = (*engine_)();
    return draw % n;
}

}  // namespace unspool::core
