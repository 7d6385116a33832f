// Event files, read back by a reader that shares nothing with the writer.
#include <bit>
#include <csignal>
#include <nn/files/scratch.hpp>
#include <sys/resource.h>
#include <unspool/nn/fit/log.hpp>

using namespace unspool;
using namespace unspool::core;

namespace event_files {

namespace {

/// CRC-32C bit by bit, from its polynomial.
std::uint32_t crc(std::string_view bytes) {
    std::uint32_t all = ~0U;
    for (char c : bytes) {
        all ^= static_cast<unsigned char>(c);
        for (int k = 0; k < 8; ++k) all = all >> 1 ^ (all & 1 ? 0x82F63B78U : 0U);
    }
    return ~all;
}
std::uint32_t masked(std::string_view bytes) {
    std::uint32_t const all = crc(bytes);
    return (all >> 15 | all << 17) + 0xA282EAD8U;
}

template <class T> T number_at(std::string_view bytes, std::size_t at = 0) {
    T out = 0;
    for (std::size_t i = sizeof out; i-- > 0;)
        out = static_cast<T>(out << 8 | static_cast<unsigned char>(bytes.at(at + i)));
    return out;
}

/// What is in a file; ends with "torn" where a record is not whole, or is another than its checksums say.
std::vector<std::string> records(std::string_view file) {
    std::vector<std::string> out;
    while (!file.empty()) {
        if (file.size() < 16 || number_at<std::uint32_t>(file, 8) != masked(file.substr(0, 8)))
            return out.emplace_back("torn"), out;
        auto const n = number_at<std::uint64_t>(file);
        if (file.size() < n + 16 || number_at<std::uint32_t>(file, 12 + n) != masked(file.substr(12, n)))
            return out.emplace_back("torn"), out;
        out.emplace_back(file.substr(12, n));
        file.remove_prefix(n + 16);
    }
    return out;
}

/// Fields of a message by their numbers: bytes as they are, numbers as their bits.
std::multimap<int, std::pair<std::uint64_t, std::string>> fields(std::string_view s) {
    std::multimap<int, std::pair<std::uint64_t, std::string>> out;
    auto const varint = [&] {
        std::uint64_t x = 0;
        for (int shift = 0;; shift += 7) {
            auto const byte = static_cast<unsigned char>(s.at(0));
            s.remove_prefix(1);
            x |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return x;
        }
    };
    while (!s.empty()) {
        auto const key       = varint();
        std::uint64_t number = 0;
        std::size_t size     = 0;
        if ((key & 7) == 0) number = varint();
        else if ((key & 7) == 1) number = number_at<std::uint64_t>(s), size = 8;
        else if ((key & 7) == 5) number = number_at<std::uint32_t>(s), size = 4;
        else size = varint();
        out.emplace(static_cast<int>(key >> 3), std::pair(number, std::string(s.substr(0, size))));
        s.remove_prefix(size);
    }
    return out;
}
std::string bytes_of(std::string const& message, int field) {
    auto const all = fields(message);
    return all.count(field) == 1 ? all.find(field)->second.second
                                 : fmt::format("{} fields {}", all.count(field), field);
}
std::uint64_t bits_of(std::string const& message, int field) { return fields(message).find(field)->second.first; }
double double_of(std::string const& message, int field) { return std::bit_cast<double>(bits_of(message, field)); }
std::vector<double> doubles_of(std::string const& message, int field) {
    std::string const all = bytes_of(message, field);
    std::vector<double> out;
    for (std::size_t at = 0; at < all.size(); at += 8)
        out.push_back(std::bit_cast<double>(number_at<std::uint64_t>(all, at)));
    return out;
}

/// "3 loss/train 0.5", a line for each number; of others, what they are.
std::string told(std::string const& record) {
    auto const all   = fields(record);
    auto const event = [&](int field) { return all.count(field) == 1; };
    if (event(3)) return bytes_of(record, 3);
    auto const step = static_cast<std::int64_t>(bits_of(record, 2));
    if (event(7)) return fmt::format("{} status {}", step, bits_of(bytes_of(record, 7), 1));
    if (!event(5)) return "?";
    std::string const value = bytes_of(bytes_of(record, 5), 1), tag = bytes_of(value, 1);
    if (fields(value).count(2))
        return fmt::format("{} {} {}", step, tag, std::bit_cast<float>(static_cast<std::uint32_t>(bits_of(value, 2))));
    if (fields(value).count(5)) return fmt::format("{} {} histogram", step, tag);
    return fmt::format("{} {} {}", step, tag, bytes_of(bytes_of(bytes_of(value, 9), 1), 1));
}
std::vector<std::string> told_in(files::fs::path const& file) {
    std::vector<std::string> out;
    for (auto const& r : records(files::contents(file))) out.push_back(r == "torn" ? r : told(r));
    return out;
}

/// A loss that is the number of the epoch.
struct Line {
    Params params{0, float64};
    Param& w = params.constant("w|x", {2}, 1);
    Sgd sgd{params, {.rate = 0.25}};

    History run(FitOptions o) {
        o.quiet = true;
        std::vector<double> const one{0};
        return fit(
            params, sgd, one, [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(w)); }, one, o);
    }
};

constexpr double inf = std::numeric_limits<double>::infinity();

}  // namespace

BOOST_AUTO_TEST_SUITE(events)

BOOST_AUTO_TEST_CASE(records_have_the_checksums_of_the_standard) {
    BOOST_TEST(crc("123456789") == 0xE3069283U);            // the check value of CRC-32C
    BOOST_TEST(crc(std::string(32, '\0')) == 0x8A9136AAU);  // RFC 3720, B.4
    BOOST_TEST(crc(std::string(32, '\xff')) == 0x62A8AB43U);
    for (std::string const& bytes : {std::string(), std::string("123456789"), std::string(1000, '\xff')}) {
        auto const back = records(tf_record(bytes) + tf_record("x"));
        BOOST_TEST(back == (std::vector<std::string>{bytes, "x"}), boost::test_tools::per_element());
    }
    BOOST_TEST(records("x" + tf_record("y")).back() == "torn");
}

BOOST_AUTO_TEST_CASE(numbers_come_back) {
    files::TemporaryFolder const folder;
    std::string path;
    auto const begin = std::chrono::system_clock::now().time_since_epoch();
    {
        EventFile file(folder / "runs/first");
        path = file.path();
        for (double x : {0.1, 1e300, 1e-300, -inf, std::nan(""), 0.0}) file.scalar("a/ü", x, 7);
        file.scalar("a\nb\xff", 1, std::numeric_limits<Index>::max());
        file.scalar("negative", 1, -2);
        BOOST_TEST(told_in(path).size() == 1u);  // the others wait
    }
    BOOST_TEST(files::fs::path(path).parent_path() == folder / "runs/first");
    BOOST_TEST(files::fs::path(path).filename().string().starts_with("events.out.tfevents."));
    BOOST_TEST(told_in(path) == (std::vector<std::string>{"brain.Event:2", "7 a/ü 0.1", "7 a/ü inf", "7 a/ü 0",
                                                          "7 a/ü -inf", "7 a/ü nan", "7 a/ü 0",
                                                          "9223372036854775807 a b\xEF\xBF\xBD 1", "-2 negative 1"}),
               boost::test_tools::per_element());
    auto const all     = records(files::contents(path));
    double const first = double_of(all.front(), 1), last = double_of(all.back(), 1),
                 from = std::chrono::duration<double>(begin).count();
    BOOST_TEST((from <= first && first <= last && last < from + 3600));
    BOOST_TEST(EventFile(folder / "runs/first").path() != path);
}

BOOST_AUTO_TEST_CASE(histograms_and_texts_come_back) {
    files::TemporaryFolder const folder;
    EventFile file(folder / "run");
    file.histogram("w", std::vector<double>{-1, 0.5, 2, std::nan(""), inf}, 1);
    file.histogram("none", std::vector<double>{}, 1);
    file.text("words", "**é** | \xff", 2);
    file.restart(3);
    file.flush();
    auto const all = records(files::contents(file.path()));
    BOOST_REQUIRE(all.size() == 5u);
    std::string const h    = bytes_of(bytes_of(bytes_of(all[1], 5), 1), 5),
                      none = bytes_of(bytes_of(bytes_of(all[2], 5), 1), 5);
    BOOST_TEST((double_of(h, 1) == -1 && double_of(h, 2) == 2 && double_of(h, 3) == 3 && double_of(h, 4) == 1.5 &&
                double_of(h, 5) == 5.25));
    auto const limits = doubles_of(h, 6), counts = doubles_of(h, 7);
    BOOST_REQUIRE((limits.size() == 30u && counts.size() == 30u));
    BOOST_TEST((counts[0] == 1 && counts[15] == 1 && counts[29] == 1));
    BOOST_TEST((std::is_sorted(limits.begin(), limits.end()) && limits.back() == 2 && limits[14] == 0.5));
    BOOST_TEST((double_of(none, 3) == 0 && doubles_of(none, 7) == std::vector<double>(30, 0.0)));
    std::string const value = bytes_of(bytes_of(all[3], 5), 1), tensor = bytes_of(value, 8), kind = bytes_of(value, 9);
    BOOST_TEST(bytes_of(tensor, 8) == "**é** | \xEF\xBF\xBD");
    BOOST_TEST(bits_of(tensor, 1) == 7u);                            // a string
    BOOST_TEST(bits_of(bytes_of(bytes_of(tensor, 2), 2), 1) == 1u);  // one of them
    BOOST_TEST(bytes_of(bytes_of(kind, 1), 1) == "text");
    BOOST_TEST(told(all[4]) == "3 status 1");
}

BOOST_AUTO_TEST_CASE(fit_writes_epochs_and_goes_on_in_another_file) {
    files::TemporaryFolder const folder;
    auto const run = [&](Index epochs) {
        return Line().run({.epochs      = epochs,
                           .clip_norm   = 1,
                           .checkpoint  = folder / "run",
                           .tensorboard = folder / "events",
                           .events      = {.histograms = 2}});
    };
    auto const files = [&] {
        std::vector<files::fs::path> out;
        for (auto const& f : files::fs::directory_iterator(folder / "events")) out.push_back(f.path());
        std::sort(out.begin(), out.end());
        return out;
    };
    auto const epoch = [](std::vector<std::string> const& all, int n) {
        std::vector<std::string> out;
        for (auto const& line : all)
            if (line.starts_with(fmt::format("{} ", n)) && line.find("seconds") == line.npos) out.push_back(line);
        return out;
    };
    History const h = run(2);
    BOOST_REQUIRE(files().size() == 1u);
    auto const first       = told_in(files()[0]);
    std::string const norm = fmt::format("{}", static_cast<float>(std::sqrt(2)));
    BOOST_TEST(epoch(first, 0) ==
                   (std::vector<std::string>{"0 about/build text", "0 about/parameters text", "0 about/fit text"}),
               boost::test_tools::per_element());
    BOOST_TEST(epoch(first, 2) ==
                   (std::vector<std::string>{
                       fmt::format("2 loss/train {}", static_cast<float>(h["loss"][1])),
                       fmt::format("2 loss/validation {}", static_cast<float>(h["validation_loss"][1])), "2 rate 0.25",
                       "2 gradient_norm/mean " + norm, "2 gradient_norm/largest " + norm, "2 weights/w|x histogram"}),
               boost::test_tools::per_element());
    BOOST_TEST(epoch(first, 1).size() == 6u);  // the status in place of a histogram
    run(3);
    BOOST_REQUIRE(files().size() == 2u);
    auto const second = told_in(files()[told_in(files()[0]) == first ? 1 : 0]);
    BOOST_TEST(second[1] == "3 status 1");
    BOOST_TEST(epoch(second, 1).empty());
    BOOST_TEST(epoch(second, 3).size() == 6u);
    files::fs::remove_all(folder / "events");
    run(4);  // a new folder has all
    auto const all = told_in(files()[0]);
    BOOST_TEST(epoch(all, 2).size() == 3u);
    BOOST_TEST(epoch(all, 4).size() == 6u);
}

BOOST_AUTO_TEST_CASE(a_largest_norm_that_is_none_remains) {
    files::TemporaryFolder const folder;
    Params params(1);
    EventLog log(folder / "run", params);
    for (double x : {1.0, std::nan(""), 2.0}) log.update(x);
    log.epoch({{"loss", inf}});
    log.update(3), log.epoch({{"loss", 1}});
    auto const all = told_in(log.file().path());
    BOOST_TEST(std::count(all.begin(), all.end(), "1 gradient_norm/largest nan") == 1);
    BOOST_TEST(std::count(all.begin(), all.end(), "2 gradient_norm/largest 3") == 1);
    BOOST_TEST(std::count(all.begin(), all.end(), "1 loss/train inf") == 1);
    BOOST_CHECK_THROW(EventLog(folder / "run", params, {.histograms = -1}), ValueError);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_none_is_named) {
    files::TemporaryFolder const folder;
    files::write(folder / "file", "x");
    auto const refused = [](std::string const& path) { return files::message<FileError>([&] { EventFile{path}; }); };
    BOOST_TEST(files::has(refused(folder / "file"), (folder / "file").string()));
    BOOST_TEST(files::has(refused(folder / "file/below"), (folder / "file/below").string()));
    BOOST_TEST(files::has(refused("/proc/events"), "/proc/events"));
    BOOST_CHECK_THROW(EventFile(""), FileError);
    BOOST_CHECK_THROW(Line().run({.tensorboard = folder / "file"}), FileError);
}

/// While it lives, no file grows beyond so many bytes, as if the disk was full.
struct FullDisk {
    rlimit before{};
    explicit FullDisk(rlim_t most) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        rlimit const now{most, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_DFL);
    }
};

BOOST_AUTO_TEST_CASE(a_full_disk_tears_no_record) {
    files::TemporaryFolder const folder;
    EventFile file(folder / "run");
    for (int i = 0; i < 100; ++i) file.scalar("x", i, i);
    {
        FullDisk const full(1000);
        std::string const why = files::message<FileError>([&] { file.flush(); });
        BOOST_TEST(files::has(why, "cannot write " + file.path() + ": File too large"));
        BOOST_TEST(told_in(file.path()).back() == "torn");
        BOOST_CHECK_THROW(file.flush(), FileError);
    }
    file.scalar("x", 100, 100);
    file.flush();  // there is room again
    auto const all = told_in(file.path());
    BOOST_TEST(all.size() == 102u);
    BOOST_TEST(all.back() == "100 x 100");
    for (int i = 0; i < 100; ++i) BOOST_TEST(all[static_cast<std::size_t>(i) + 1] == fmt::format("{0} x {0}", i));
}

BOOST_AUTO_TEST_CASE(a_training_outlives_its_log) {
    files::TemporaryFolder const folder;
    int updates        = 0;
    auto const options = [&](std::string const& log) {
        return FitOptions{
            .epochs = 3, .checkpoint = folder / "run", .every = 10, .log = log, .on_batch = [&](TrainingProgress&) {
                ++updates;
            }};
    };
    Line line;
    std::string const why = files::message<FileError>([&] { line.run(options("/dev/full")); });
    BOOST_TEST(files::has(why, "cannot write /dev/full: No space left on device"));
    BOOST_TEST(files::value(line.w)(0) == 0.75);  // an epoch was learned
    Line again;
    History const h = again.run(options(folder / "log.csv"));
    BOOST_TEST(updates == 1 + 2);  // it went on
    BOOST_TEST(h.epochs() == 3);
    BOOST_TEST(Csv::read(folder / "log.csv").numbers("loss") == (std::vector<double>{2, 1.5, 1}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_training_outlives_its_page) {
    files::TemporaryFolder const folder;
    files::fs::create_directory(folder / "pages");
    int updates    = 0;
    auto const run = [&](Line& line, std::string const& page) {
        std::vector<double> const two{0, 0};
        auto const loss = [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(line.w)); };
        return fit(line.params, line.sgd, two, loss,
                   {.epochs       = 2,
                    .checkpoint   = folder / "run",
                    .page         = page,
                    .page_options = {.seconds = 0},
                    .quiet        = true,
                    .on_batch     = [&](TrainingProgress&) { ++updates, files::fs::remove_all(folder / "pages"); }});
    };
    Line line, again;
    BOOST_CHECK_THROW(run(line, folder / "pages/page.html"), FileError);
    BOOST_TEST(files::value(line.w)(0) == 0.5);  // both updates of the epoch were made
    run(again, "");
    BOOST_TEST(updates == 1 + 2);  // it went on after the second, of which it was not told
    BOOST_TEST(files::value(again.w)(0) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace event_files
