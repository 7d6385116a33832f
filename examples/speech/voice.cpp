// A voice that says digits.
#include "voice.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace speech {

namespace {

/// What a throat does at a time.
struct Posture {
    std::array<double, 3> formants;  // Hz
    double voice, hiss;              // how loud pulses and noise are
    double hiss_at;                  // Hz
};
/// A sound: from one posture to another, in so many seconds.
struct Phone {
    Posture from, to;
    double seconds;
};

constexpr Posture vowel(double f1, double f2, double f3) { return {{f1, f2, f3}, 1, 0, 3000}; }
constexpr Phone steady(Posture p, double seconds) { return {p, p, seconds}; }
constexpr Phone hissed(double at, double loudness, double voice, double seconds) {
    return steady({{300, 1400, 2500}, voice, loudness, at}, seconds);
}

constexpr Posture heed = vowel(270, 2290, 3010), hid = vowel(390, 1990, 2550), head = vowel(530, 1840, 2480),
                  hod = vowel(730, 1090, 2440), hawed = vowel(570, 840, 2410), hood = vowel(440, 1020, 2240),
                  hud = vowel(640, 1190, 2390), whod = vowel(300, 870, 2240), heard = vowel(490, 1350, 1690);
constexpr Phone silence = steady({{300, 1400, 2500}, 0, 0, 3000}, 0.05);
constexpr Phone n       = steady({{280, 1700, 2600}, 0.35, 0, 3000}, 0.07),
                r = steady({{310, 1060, 1380}, 0.6, 0, 3000}, 0.05), f = hissed(2600, 0.15, 0, 0.08),
                v = hissed(2600, 0.08, 0.3, 0.05), s = hissed(3400, 0.5, 0, 0.10), z = hissed(3400, 0.3, 0.3, 0.08),
                th = hissed(2000, 0.08, 0, 0.07), t = hissed(3000, 0.6, 0, 0.03), k = hissed(1800, 0.5, 0, 0.03);

std::vector<Phone> const& phones(Index digit) {
    static std::array<std::vector<Phone>, 10> const all{{
        {z, steady(hid, 0.08), r, {hawed, hood, 0.14}},    // zero
        {{whod, hud, 0.10}, steady(hud, 0.08), n},         // one
        {silence, t, steady(whod, 0.16)},                  // two
        {th, r, steady(heed, 0.16)},                       // three
        {f, steady(hawed, 0.13), {hawed, heard, 0.06}},    // four
        {f, {hod, hid, 0.20}, v},                          // five
        {s, steady(hid, 0.09), silence, k, s},             // six
        {s, steady(head, 0.09), v, steady(hud, 0.06), n},  // seven
        {{head, heed, 0.17}, silence, t},                  // eight
        {n, {hod, hid, 0.19}, n},                          // nine
    }};
    return all[static_cast<std::size_t>(digit)];
}

/// y_t = a x_t + b y_{t−1} + c y_{t−2}, with 1 at 0 Hz.
class Resonator {
public:
    float operator()(float x, double hertz, double bandwidth) {
        double const radius = std::exp(-std::numbers::pi * bandwidth / sample_rate);
        double const b = 2 * radius * std::cos(2 * std::numbers::pi * hertz / sample_rate), c = -radius * radius;
        double const y = (1 - b - c) * x + b * last_ + c * before_;
        before_        = std::exchange(last_, y);
        return static_cast<float>(y);
    }

private:
    double last_ = 0, before_ = 0;
};

double between(double a, double b, double part) { return a + (b - a) * part; }

Posture between(Posture const& a, Posture const& b, double part) {
    Posture out = a;
    for (std::size_t i = 0; i < 3; ++i) out.formants[i] = between(a.formants[i], b.formants[i], part);
    out.voice = between(a.voice, b.voice, part), out.hiss = between(a.hiss, b.hiss, part);
    out.hiss_at = between(a.hiss_at, b.hiss_at, part);
    return out;
}

/// What goes on from sample to sample.
class Throat {
public:
    Throat(Speaker const& speaker, Random& random) : speaker_(speaker), random_(random) {}

    /// Glides from where it was into the phone, which lasts so many samples.
    void say(Phone const& phone, Index samples, Sound& out) {
        for (Index i = 0; i < samples; ++i) {
            double const part    = static_cast<double>(i) / static_cast<double>(samples);
            Posture const wanted = between(phone.from, phone.to, part);
            now_                 = between(now_, wanted, 0.02);  // in some 6 ms
            out.push_back(sample());
        }
    }

private:
    float sample() {
        turn_ += speaker_.pitch / sample_rate;
        bool const pulse = turn_ >= 1;
        turn_ -= pulse ? 1 : 0;
        auto x = static_cast<float>(now_.voice * (pulse ? 4 : 0));
        for (std::size_t i = 0; i < 3; ++i)
            x = throat_[i](x, std::min(3900.0, now_.formants[i] * speaker_.size), 60 + 30 * static_cast<double>(i));
        auto const noise = static_cast<float>(now_.hiss * random_.normal());
        return 0.3F * x + 0.05F * teeth_(noise, std::min(3800.0, now_.hiss_at * speaker_.size), 600) +
               static_cast<float>(0.005 * random_.normal());
    }

    Speaker const& speaker_;
    Random& random_;
    Posture now_ = silence.from;
    double turn_ = 0;
    std::array<Resonator, 3> throat_;
    Resonator teeth_;
};

}  // namespace

Speaker any_speaker(Random& random) {
    double const size = random.uniform(0.85, 1.25);
    return {.pitch = 120 * size * size * random.uniform(0.8, 1.2), .size = size, .pace = random.uniform(0.8, 1.2)};
}

Sound say(std::vector<Index> const& digits, Speaker const& speaker, Random& random) {
    Sound out;
    Throat throat(speaker, random);
    auto const one = [&](Phone const& phone) {
        double const seconds = phone.seconds * speaker.pace * random.uniform(0.85, 1.15);
        throat.say(phone, static_cast<Index>(seconds * sample_rate), out);
    };
    one(silence);
    for (Index digit : digits) {
        for (Phone const& phone : phones(digit)) one(phone);
        one(silence);
    }
    float loudest = 0;
    for (float x : out) loudest = std::max(loudest, std::abs(x));
    for (float& x : out) x *= 0.9F / loudest;
    return out;
}

}  // namespace speech
