// Files made to do harm: each gives a FileError, or a file that can be read wholly, in bounded memory and without waiting.
#include <nn/files/scratch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace files;

namespace {

/// Three small files: a model, one with metadata and several types, and a checkpoint.
std::vector<std::string> small_files() {
    TemporaryFolder scratch;
    Params p(1);
    p.normal("w", {2, 3}, 0, 1), p.normal("b", {3}, 0, 1);
    save(p, scratch / "model");
    std::uint8_t const bytes[3] = {1, 2, 3};
    std::int64_t const n        = 7;
    std::vector<TensorView> tensors{
        {"n", Stored::i64, {}, &n}, {"bytes", Stored::u8, {3, 1}, bytes}, {"none", Stored::f16, {0}, nullptr}};
    write_safetensors(scratch / "types", tensors, {{"format", "pt"}});
    Checkpoint run;
    double rate = 0.1;
    std::vector<double> losses{1, 2};
    run.add("model", p), run.add("rate", rate), run.add("losses", losses);
    run.save(scratch / "run");
    return {contents(scratch / "model"), contents(scratch / "types"), contents(scratch / "run")};
}

/// The names, types and shapes of a file.
std::string outline(Safetensors const& file) {
    std::string out;
    for (auto& t : file.tensors()) out += fmt::format("{} {} {};", t.name, text(t.type), text(t.shape));
    return out;
}

/// Reads all of it, if it is a file.
std::string read_wholly(std::string const& bytes) {
    try {
        Safetensors const file = in_memory(bytes);
        for (auto& t : file.tensors())
            if (file.array(t.name).size() != t.count()) return "sizes differ";
        return outline(file);
    } catch (FileError const&) { return "refused"; }
}

/// Bytes of memory that f takes at its peak, in a process of its own.
long peak(std::function<void()> const& f) {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    auto const rss = [] {
        rusage usage = {};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    pid_t const child = ::fork();
    if (child == 0) {
        long const before = rss();
        f();
        long const more = (rss() - before) * 1024;
        _exit(::write(ends[1], &more, sizeof more) == sizeof more ? 0 : 1);
    }
    long more = -1;
    ::close(ends[1]);
    BOOST_TEST(::read(ends[0], &more, sizeof more) == static_cast<ssize_t>(sizeof more));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return more;
}

constexpr long megabyte = 1'000'000;

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_files)

BOOST_AUTO_TEST_CASE(every_prefix_is_refused) {
    for (std::string const& file : small_files())
        for (std::size_t n = 0; n < file.size(); ++n)
            BOOST_REQUIRE_MESSAGE(complaint(file.substr(0, n)) != "fine", "the first " << n << " bytes");
}

BOOST_AUTO_TEST_CASE(every_change_of_one_byte_is_refused_or_harmless) {
    for (std::string const& file : small_files()) {
        std::string const same = read_wholly(file);
        std::uint64_t length   = 0;
        std::memcpy(&length, file.data(), 8);
        std::size_t accepted = 0, changed = 0;
        for (std::size_t i = 0; i < file.size(); ++i)
            for (int x = 1; x < 256; ++x) {
                std::string bytes     = file;
                bytes[i]              = static_cast<char>(bytes[i] ^ x);
                std::string const now = read_wholly(bytes);
                BOOST_REQUIRE(now != "sizes differ");
                accepted += now != "refused", changed += now != "refused" && now != same;
                if (i >= 8 + length) BOOST_REQUIRE(now == same);  // elements may be any
                if (i < 8) BOOST_REQUIRE((now == "refused" || now == same));
            }
        BOOST_TEST_MESSAGE(accepted << " changes accepted, of which " << changed << " changed names or types");
    }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_with_one_byte_changed_restores_wholly_or_not_at_all) {
    std::string const file = small_files()[2];
    for (std::size_t i = 0; i < file.size(); ++i)
        for (int x : {1, 2, 4, 8, 16, 32, 64, 128}) {
            std::string bytes = file;
            bytes[i]          = static_cast<char>(bytes[i] ^ x);
            Params p(2);
            p.constant("w", {2, 3}, 9), p.constant("b", {3}, 9);
            Checkpoint run;
            double rate = 9;
            std::vector<double> losses{9};
            run.add("model", p), run.add("rate", rate), run.add("losses", losses);
            bool restored = true;
            try {
                run.load(in_memory(bytes));
            } catch (FileError const&) { restored = false; }
            BOOST_REQUIRE((rate != 9) == restored);
            BOOST_REQUIRE((losses.size() == 2) == restored);
            BOOST_REQUIRE((value(p["w"])(0) != 9) == restored);
        }
}

BOOST_AUTO_TEST_CASE(a_claim_takes_no_memory) {
    TemporaryFolder scratch;
    write(scratch / "claim", raw("{}", "", 100'000'000));
    write(scratch / "shape", raw(R"({"a":{"dtype":"F32","shape":[100000000000],"data_offsets":[0,400000000000]}})"));
    long const few     = (core::poisons ? 16 : 4) * megabyte;  // sanitizers take some of their own
    auto const refused = [&](char const* name) {
        BOOST_TEST(peak([&] {
                       try {
                           Safetensors(scratch / name);
                       } catch (FileError const&) { return; }
                       _exit(1);
                   }) < few);
    };
    refused("claim"), refused("shape");
}

BOOST_AUTO_TEST_CASE(a_real_header_of_100_mb_is_in_memory_once) {
    std::string const spaces = raw("{}" + std::string(Header::most - 2, ' '));
    BOOST_TEST(complaint(spaces) == "fine");
    BOOST_TEST(peak([&] { complaint(spaces); }) < 120 * megabyte);
}

BOOST_AUTO_TEST_CASE(long_tokens_take_a_small_multiple_of_their_length) {
    long const most          = 20 * megabyte;
    std::string const name   = raw("{\"" + std::string(static_cast<std::size_t>(most), 'x') + "\":1}"),
                      digits = raw("{\"a\":" + std::string(static_cast<std::size_t>(most), '1') + "}");
    BOOST_TEST(peak([&] { complaint(name); }) < 12 * most);
    BOOST_TEST(peak([&] { complaint(digits); }) < 12 * most);
}

BOOST_AUTO_TEST_CASE(many_tensors_take_a_small_multiple_of_their_header) {
    std::string header = "{";
    for (int i = 0; i < 200'000; ++i)
        header += fmt::format(R"({}"{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", i ? "," : "", i);
    std::string const file = raw(header + "}");
    BOOST_TEST(complaint(file) == "fine");
    BOOST_TEST(peak([&] { complaint(file); }) < 10 * static_cast<long>(file.size()));
}

BOOST_AUTO_TEST_CASE(deep_nesting_needs_no_stack) {
    std::string deep = "{\"a\":";
    for (int i = 0; i < 1'000'000; ++i) deep += "[";
    BOOST_TEST(complaint(raw(deep + std::string(1'000'000, ']') + "}")) ==
               "file: \"a\": expected an object, not a list");
    BOOST_TEST(complaint(raw(R"({"a":{"dtype":"U8","data_offsets":[0,0],"shape":)" + deep.substr(5) + "}")) != "fine");
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_read) {
    TemporaryFolder scratch;
    fs::create_directory(scratch / "folder");
    BOOST_REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
    auto const why = [&](fs::path const& path) { return message<FileError>([&] { Safetensors{path}; }); };
    BOOST_TEST(has(why(scratch / "folder"), "folder: it is a folder"));
    BOOST_TEST(has(why(scratch / "pipe"), "pipe: it is not a regular file"));
    BOOST_TEST(why("/dev/zero") == "cannot read /dev/zero: it is not a regular file");
    BOOST_TEST(has(why(scratch / "none"), "none: No such file or directory"));
    BOOST_TEST(has(why(""), "cannot read \"\": No such file or directory"));
    write(scratch / "empty", "");
    BOOST_TEST(has(why(scratch / "empty"), "a safetensors file has 8 bytes at least, this one 0"));
}

BOOST_AUTO_TEST_CASE(a_file_is_read_to_its_end_whatever_its_size_is_said_to_be) {
    for (fs::path const path : {"/proc/self/status", "/proc/cpuinfo", "/sys/kernel/mm/transparent_hugepage/enabled"}) {
        std::ifstream in(path);
        std::string const first = [&] {
            std::string line;
            return std::getline(in, line), line;
        }();
        if (first.empty()) continue;
        BOOST_TEST(read_whole(path).starts_with(first));
        BOOST_TEST(read_whole(path).back() == '\n');
    }
    Source const status{fs::path("/proc/self/status")};
    std::string begin(5, ' ');
    status.read(0, std::as_writable_bytes(std::span(begin)));
    BOOST_TEST(begin == "Name:");
    BOOST_CHECK_THROW(status.read(status.size(), std::as_writable_bytes(std::span(begin))), FileError);
    for (char const* path : {"/dev/zero", "/dev/full", "/proc/self/fd", "/proc/self/mem", "/"})
        BOOST_CHECK_THROW(read_whole(path), FileError);
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_while_it_is_read_is_refused) {
    TemporaryFolder scratch;
    Params p(1), q(2);
    for (Params m : {p, q}) m.normal("a", {100}, 0, 1), m.normal("b", {100'000}, 0, 1);
    auto const path   = scratch / "model";
    auto const before = values(q);
    auto const why    = [&](auto change) {
        save(p, path);
        Safetensors const file(path);
        change();
        return message<FileError>([&] { load(q, file); });
    };
    BOOST_TEST(has(why([&] { fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(1)); }),
                   "changed since it was opened"));
    BOOST_TEST(has(why([&] { std::ofstream(path, std::ios::app) << "more"; }), "bytes when it was opened, and has"));
    BOOST_TEST((values(q) == before));
    BOOST_TEST(why([&] { save(q, path); }) ==
               "nothing of the kind was thrown");  // another file of this name: the one that is open is whole
    BOOST_TEST((values(q) == values(p)));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_while_it_is_read_changes_nothing) {
    TemporaryFolder scratch;
    Params p(1), q(2);
    for (Params m : {p, q}) m.normal("a", {100}, 0, 1), m.normal("b", {100'000}, 0, 1);
    save(p, scratch / "model");
    Safetensors const file(scratch / "model");
    fs::resize_file(scratch / "model", 1000);
    auto const before = values(q);
    BOOST_TEST(has(message<FileError>([&] { load(q, file); }), "bytes when it was opened, and has 1000 now"));
    BOOST_TEST((values(q) == before));
}

BOOST_AUTO_TEST_SUITE_END()
