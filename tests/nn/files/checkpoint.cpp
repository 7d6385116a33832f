// Checkpoints: all of a run comes back to the last bit, or nothing of it.
#include <limits>
#include <nn/files/scratch.hpp>

using namespace files;

namespace {

constexpr double nan_ = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

struct Nested {
    double deep = 0;
    void fields(Fields f) { f.add("deep", deep); }
};

struct Run {
    Params params;
    Random random;
    double rate = 0, tiny = 0, nothing = 0, endless = 0, negative_zero = 0;
    std::uint64_t steps = 0;
    Index epoch         = 0;
    std::string note;
    std::vector<double> losses;
    std::vector<Index> order;
    Nested nested;

    explicit Run(std::uint64_t seed, Dtype d = float32) : params(seed, d), random(seed) {
        params.normal("w", {2, 3}, 0, 1), params.normal("none", {0}, 0, 1);
    }
    void fields(Fields f) {
        f.add("params", params), f.add("random", random), f.add("rate", rate), f.add("tiny", tiny),
            f.add("nothing", nothing);
        f.add("endless", endless), f.add("negative_zero", negative_zero), f.add("steps", steps),
            f.add("epoch", epoch, -3, 100);
        f.add("note", note), f.add("losses", losses), f.add("order", order), f.add("nested", nested);
    }
};

struct Fixture : TemporaryFolder {
    Run a{1}, b{2};
    Checkpoint from, to;
    fs::path file = folder / "run.ckpt";

    Fixture() {
        from.add("run", a), to.add("run", b);
        a.rate = 0.1, a.tiny = std::numeric_limits<double>::denorm_min(), a.nothing = nan_, a.endless = -inf,
        a.negative_zero = -0.0;
        a.steps = ~0ull, a.epoch = -2, a.note = std::string("any\0bytes \xff", 11), a.losses = {1 / 3.0, nan_, inf},
        a.order       = {3, -1, PTRDIFF_MAX};
        a.nested.deep = 1e300;
        a.random.normal();
    }
    /// The file that a saves, with one text in place of another.
    std::string with(std::string const& old, std::string const& now) const {
        from.save(file);
        std::string bytes = contents(file);
        std::uint64_t n   = 0;
        std::memcpy(&n, bytes.data(), 8);
        std::string header   = bytes.substr(8, n);
        std::size_t const at = header.find(old);
        BOOST_REQUIRE(at != header.npos);
        return raw(header.replace(at, old.size(), now), bytes.substr(8 + n));
    }
    /// What is wrong with it; b stays as it was.
    std::string refused(std::string const& bytes) {
        auto const before   = values(b.params);
        Random const stream = b.random;
        std::string m       = message<FileError>([&] { to.load(in_memory(bytes)); });
        BOOST_TEST((values(b.params) == before && b.random == stream && b.rate == 0 && b.losses.empty() &&
                    b.note.empty() && b.steps == 0));
        return m;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(checkpoint, Fixture)

BOOST_AUTO_TEST_CASE(restores_to_the_last_bit) {
    from.save(file), to.load(file);
    BOOST_TEST((values(a.params) == values(b.params)));
    BOOST_TEST((a.random == b.random && a.random.uniform() == b.random.uniform()));
    BOOST_TEST((b.rate == 0.1 && b.tiny == a.tiny && std::isnan(b.nothing) && b.endless == -inf &&
                std::signbit(b.negative_zero)));
    BOOST_TEST((b.steps == ~0ull && b.epoch == -2 && b.note == a.note && b.order == a.order && b.nested.deep == 1e300));
    BOOST_TEST(std::memcmp(a.losses.data(), b.losses.data(), sizeof(double) * 3) == 0);
    std::string const first = contents(file);
    Checkpoint again;
    Run c(3);
    again.add("run", c);
    again.load(file), again.save(file);
    BOOST_TEST(contents(file) == first);
}

BOOST_AUTO_TEST_CASE(says_all_that_does_not_fit_at_once) {
    Run wide(3, float64);
    Checkpoint other;
    double rate = 7;
    Index more  = 5;
    other.add("run.params", wide.params), other.add("run.rate", rate), other.add("more", more),
        other.add("run.steps", a.losses);
    from.save(file);
    std::string const m = message<FileError>([&] { other.load(file); });
    for (std::string part :
         {"\"run.params.w\"  is F32 in the file, expected F64", "\"more\"  is not in the file",
          "\"run.steps\"  is a text in the file, expected a tensor",
          "\"run.losses\"  is in the file, but not in this run", "\"run.epoch\"  is in the file, but not in this run"})
        BOOST_TEST(has(m, part));
    BOOST_TEST(rate == 7);
}

BOOST_AUTO_TEST_CASE(refuses_numbers_that_are_none_or_out_of_bounds) {
    BOOST_TEST(has(refused(with("\"run.epoch\":\"-2\"", "\"run.epoch\":\"101\"")),
                   "\"run.epoch\"  is 101, expected a number in [-3, 100]"));
    BOOST_TEST(has(refused(with("\"run.epoch\":\"-2\"", "\"run.epoch\":\"-4\"")), "expected a number in [-3, 100]"));
    for (std::string bad : {"", " 1", "1 ", "+1", "0x1", "1.0", "1e3", "one", "9223372036854775808"})
        BOOST_TEST(has(refused(with("\"run.epoch\":\"-2\"", "\"run.epoch\":\"" + bad + "\"")), "expected a number"));
    for (std::string bad : {"", "1,5", "0.1 ", "1e999", "0x1p3", "."})
        BOOST_TEST(has(refused(with("\"run.rate\":\"0.1\"", "\"run.rate\":\"" + bad + "\"")), "\"run.rate\"  is"));
    BOOST_TEST(has(refused(with("18446744073709551615", "-1")), "\"run.steps\"  is \"-1\", expected a number"));
}

BOOST_AUTO_TEST_CASE(refuses_streams_that_are_none) {
    std::string const state = a.random.state();
    for (std::string bad : {std::string(), std::string("1 2 3"), state + " 1", state + " ", " " + state,
                            state.substr(0, state.rfind(' ')), state.substr(0, state.rfind(' ')) + " 313",
                            state.substr(0, state.rfind(' ')) + " 18446744073709551615", "0" + state, "-" + state})
        BOOST_TEST(has(refused(with(state, bad)), "\"run.random\"  this is no state of a stream"));
    std::string zeros;
    for (int i = 0; i < 312; ++i) zeros += "0 ";
    BOOST_TEST(has(refused(with(state, zeros + "5")), "no state of a stream"));
}

BOOST_AUTO_TEST_CASE(refuses_lists_of_another_kind) {
    std::string const losses = R"("run.losses":{"dtype":"F64","shape":[3])";
    BOOST_TEST(has(refused(with(losses, R"("run.losses":{"dtype":"I64","shape":[3])")),
                   "is I64 [3] in the file, expected F64 of one axis"));
    BOOST_TEST(has(refused(with(losses, R"("run.losses":{"dtype":"F64","shape":[3,1])")), "is F64 [3,1] in the file"));
    BOOST_TEST(has(refused(with(R"("shape":[2,3])", R"("shape":[3,2])")),
                   "\"run.params.w\"  is [3,2] in the file, expected [2,3]"));
}

BOOST_AUTO_TEST_CASE(refuses_files_that_are_no_checkpoints) {
    save(a.params, file);
    BOOST_TEST(
        has(message<FileError>([&] { to.load(file); }), "is no checkpoint: its metadata lack unspool.checkpoint"));
    BOOST_TEST(has(refused(with("\"unspool.checkpoint\":\"1\"", "\"unspool.checkpoint\":\"2\"")),
                   "of version \"2\", expected 1"));
    Checkpoint bad;
    double x = 0;
    bad.add("unspool.checkpoint", x);
    BOOST_CHECK_THROW(bad.save(file), NameError);
    BOOST_CHECK_THROW(bad.add("unspool.checkpoint", x), NameError);
}

BOOST_AUTO_TEST_CASE(asks_anew_what_belongs_to_it) {
    Checkpoint small;
    Params p(1);
    small.add("model", p), small.add("part", p / "part");
    Param& late          = p.normal("late", {2}, 0, 1);
    std::string const at = "checkpoint.cpp:" + std::to_string(__LINE__ + 1);
    BOOST_TEST(message<NameError>([&] { small.add("model.late", late); }) ==
               at + ": there is a field model.late already");
    p.zeros("part.w", {1});
    small.save(file);
    BOOST_TEST((Safetensors(file).find("model.late") != nullptr));
}

BOOST_AUTO_TEST_CASE(continues_a_run_bit_for_bit) {
    auto const update = [](Run& r) {
        r.params["w"].assign(value(r.params["w"]) * r.rate + r.random.normal());
        r.rate *= 0.9, r.losses.push_back(r.random.uniform());
    };
    for (int i = 0; i < 3; ++i) update(a);
    from.save(file);
    for (int i = 0; i < 5; ++i) update(a);
    to.load(file);
    for (int i = 0; i < 5; ++i) update(b);
    BOOST_TEST((values(a.params) == values(b.params) && a.random == b.random && a.rate == b.rate &&
                a.losses.back() == b.losses.back()));
}

BOOST_AUTO_TEST_SUITE_END()
