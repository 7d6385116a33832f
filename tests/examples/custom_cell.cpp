// The program 03_custom_cell as its user meets it.
#include <algorithm>
#include <boost/process.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <pty.h>
#include <regex>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;
namespace bp = boost::process;

namespace {

std::string const program = UNSPOOL_EXAMPLES_DIR "/03_custom_cell";

std::string contents(fs::path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

struct Run {
    int status;
    std::string out, err;
};

using Options = std::map<std::string, std::string>;

/// A folder that goes when the test ends, with a text in it.
struct Fixture {
    fs::path folder = fs::temp_directory_path() / ("unspool-" + std::to_string(getpid()));
    fs::path text = folder / "text", results = folder / "results";

    Fixture() {
        fs::create_directories(folder);
        std::string abc;
        for (int i = 0; i < 400; ++i) abc += "abc.";
        write(text, abc);
    }
    ~Fixture() { fs::remove_all(folder); }

    void write(fs::path const& file, std::string const& bytes) const { std::ofstream(file, std::ios::binary) << bytes; }

    Run run(std::vector<std::string> const& arguments) const {
        for (auto* stream : {"out", "err"}) fs::remove(folder / stream);
        std::string command = "exec " + program;  // through a shell, because Boost.Process fails on empty arguments
        for (auto const& a : arguments) command += " '" + std::regex_replace(a, std::regex("'"), R"('\'')") + "'";
        int const status = bp::system(bp::exe = "/bin/sh", bp::args = {"-c", command},
                                      bp::std_in<bp::null, bp::std_out>(folder / "out").string(),
                                      bp::std_err > (folder / "err").string());
        return {status, contents(folder / "out"), contents(folder / "err")};
    }
    /// A small model of the text, unless the options say otherwise.
    Options small() const {
        return {{"--text", text}, {"--out", results}, {"--hidden", "8"}, {"--steps", "8"}, {"--threads", "1"}};
    }
    Run learn(Options const& with = {}) const {
        Options options = with;
        options.merge(small());
        std::vector<std::string> arguments;
        for (auto& [name, value] : options) arguments.insert(arguments.end(), {name, value});
        return run(arguments);
    }
    std::set<std::string> files() const {
        std::set<std::string> out;
        for (auto const& f : fs::directory_iterator(results)) out.insert(f.path().filename());
        return out;
    }
    /// Exit status 2, one line that says `what`, and nothing else.
    void refuses(Run const& r, std::string const& what) const {
        BOOST_TEST(r.status == 2);
        BOOST_TEST(r.out == "");
        BOOST_TEST(std::count(r.err.begin(), r.err.end(), '\n') == 1, r.err);
        BOOST_TEST(contains(r.err, what), r.err);
        BOOST_TEST(!fs::exists(results));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(custom_cell, Fixture)

BOOST_AUTO_TEST_CASE(help_names_every_option) {
    Run const r = run({"--help"});
    BOOST_TEST(r.status == 0);
    BOOST_TEST(r.err == "");
    for (auto* option :
         {"--text", "--cell", "--hidden", "--steps", "--seed", "--threads", "--minutes", "--out", "--help"})
        BOOST_TEST(contains(r.out, option), option);
}

BOOST_DATA_TEST_CASE(every_cell_is_checked_drawn_and_trained, (std::vector<std::string>{"mgu", "rnn", "lstm", "gru"}),
                     cell) {
    Run const r = learn({{"--cell", cell}});
    BOOST_TEST(r.status == 0);
    BOOST_TEST(r.err == "");
    BOOST_TEST(contains(r.out, "worst relative error"));
    BOOST_TEST(contains(r.out, "validation loss after step 8"));
    BOOST_TEST((files() == std::set<std::string>{"cell.dot", "cell.svg", "unrolled.dot", "unrolled.svg", "net.html",
                                                 "cell.html", "losses.csv"}));
    BOOST_TEST(contains(r.out, "net.html"));
    BOOST_TEST(contains(contents(results / "net.html"), "\"level\":\"statements\""));
    BOOST_TEST(contains(r.out, "cell.html"));
    BOOST_TEST(contains(contents(results / "cell.html"), ", after training</h3>"));
    for (auto* name : {"cell", "unrolled"}) {
        BOOST_TEST(contains(contents(results / (name + std::string(".dot"))), "digraph"));
        BOOST_TEST(contains(contents(results / (name + std::string(".svg"))), "</svg>"));
    }
}

BOOST_AUTO_TEST_CASE(boxes_are_equations_and_those_in_the_documentation_are_the_same) {
    learn();
    std::string const step = contents(results / "cell.dot"), several = contents(results / "unrolled.dot");
    BOOST_TEST(contains(step, "<b>h\u00a0</b>= (1 - f) * h0 + f * n<"));
    BOOST_TEST(contains(step, "<b>f\u00a0</b>= sigmoid(Wf·x + Uf·h0 + bf)<"));
    BOOST_TEST(contains(step, "<b>n\u00a0</b>= tanh(Wn·x + Un·(f * h0) + bn)<"));
    for (auto* t : {"t = 0", "t = 1", "t = 2"}) BOOST_TEST(contains(several, t));
    BOOST_TEST(contains(several, "<b>loss\u00a0</b>= cross_entropy("));
    std::regex const lines(R"re( tooltip="[^"]*")re");
    auto const picture = [&](fs::path const& dot) { return std::regex_replace(contents(dot), lines, ""); };
    for (auto* name : {"cell.dot", "unrolled.dot"})
        BOOST_TEST(picture(results / name) == picture(fs::path(UNSPOOL_SOURCE_DIR) / "docs/figures" / name), name);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_losses_to_the_last_bit) {
    std::vector<std::string> losses, samples;
    for (auto* seed : {"5", "5", "6"}) {
        Run const r = learn({{"--seed", seed}});
        losses.push_back(contents(results / "losses.csv"));
        samples.push_back(r.out.substr(r.out.find("what it writes")));
    }
    BOOST_TEST(std::count(losses[0].begin(), losses[0].end(), '\n') == 9);
    BOOST_TEST(losses[0] == losses[1]);
    BOOST_TEST(samples[0] == samples[1]);
    BOOST_TEST(losses[0] != losses[2]);
}

BOOST_AUTO_TEST_CASE(what_can_be_learnt_is_learnt) {
    Run const r            = learn({{"--hidden", "16"}, {"--steps", "200"}, {"--threads", "2"}, {"--rate", "0.02"}});
    std::string const last = r.out.substr(r.out.find("validation loss after step 200: "));
    BOOST_TEST(std::stod(last.substr(last.find(": ") + 2)) < 0.05);
    BOOST_TEST(contains(r.out, "abc.abc.abc.abc."));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_a_text_and_none_commands_the_terminal) {
    std::string bytes;
    for (int i = 0; i < 2000; ++i) bytes += static_cast<char>(i * 37 % 256);
    write(text, bytes);
    Run const r = learn();
    BOOST_TEST(r.status == 0);
    BOOST_TEST(contains(r.out, "1800 characters, 256 different"));
    BOOST_TEST(
        std::none_of(r.out.begin(), r.out.end(), [](char c) { return c >= 0 && c < 32 && c != '\n' && c != '\t'; }));
}

BOOST_AUTO_TEST_CASE(the_shortest_text_has_ten_bytes) {
    write(text, "0123456789");
    BOOST_TEST(learn().status == 0);
    write(text, std::string(10, 'a'));
    BOOST_TEST(learn().status == 0);
}

BOOST_AUTO_TEST_CASE(time_ends_training_in_order) {
    Run const r = learn({{"--steps", "100000000"}, {"--minutes", "0.002"}});
    BOOST_TEST(r.status == 0);
    BOOST_TEST(contains(r.out, "time was up after"));
    BOOST_TEST(contains(r.out, "validation loss after step"));
    BOOST_TEST(files().size() == 7);
}

BOOST_AUTO_TEST_CASE(progress_is_plain_lines_but_on_a_terminal) {
    BOOST_TEST(!contains(learn().out, "\r"));

    int master = -1, slave = -1;
    BOOST_REQUIRE(openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
    std::vector<std::string> arguments;
    for (auto& [name, value] : small()) arguments.insert(arguments.end(), {name, value});
    bp::child child(bp::exe = program, bp::args = arguments, bp::posix::fd.bind(STDOUT_FILENO, slave));
    close(slave);
    std::string shown;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(master, buffer, sizeof buffer)) > 0;)
        shown.append(buffer, static_cast<std::size_t>(n));
    child.wait();
    close(master);
    BOOST_TEST(child.exit_code() == 0);
    BOOST_TEST(contains(shown, "\r  step 1/8 "));
    BOOST_TEST(contains(shown, "s left\x1b[K"));
}

BOOST_AUTO_TEST_CASE(bad_texts_are_refused_in_one_line) {
    refuses(learn({{"--text", folder / "missing"}}), "missing: No such file");
    refuses(learn({{"--text", folder}}), "it is a folder");
    refuses(learn({{"--text", ""}}), "cannot read");
    write(text, "");
    refuses(learn(), "has 0 bytes");
    write(text, "x");
    refuses(learn(), "has 1 byte:");
    refuses(learn({{"--text", text / "below"}}), "Not a directory");
    refuses(learn({{"--text", "/proc/self/mem"}}), "/proc/self/mem");
    refuses(learn({{"--text", "/dev/zero"}}), "it is not a regular file");
    BOOST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    refuses(learn({{"--text", folder / "pipe"}}), "it is not a regular file");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused_in_one_line) {
    auto const number = [&](std::string const& option, std::vector<std::string> const& values) {
        for (auto& value : values) refuses(learn({{option, value}}), option);
    };
    number("--hidden", {"0", "-1", "4097", "1e3", "99999999999999999999", "x", ""});
    number("--steps", {"0", "-5", "1.5", "99999999999999999999"});
    number("--minutes", {"0", "-1", "nan", "inf", "1e9", "soon"});
    number("--threads", {"0", "-1", "100000"});
    number("--seed", {"-1", "x", "99999999999999999999999"});
    number("--rate", {"0", "-1", "nan", "2"});
    number("--temperature", {"0", "-1", "nan"});
    number("--cell", {"transformer", ""});
    refuses(run({"--colour"}), "--colour");
    refuses(run({"stray"}), "stray");
    refuses(run({"--hidden"}), "--hidden");
    refuses(run({"--hidden", "3", "--hidden", "4"}), "--hidden");
}

BOOST_AUTO_TEST_CASE(bad_folders_are_refused_in_one_line) {
    refuses(learn({{"--out", text}}), "--out");
    refuses(learn({{"--out", text / "below"}}), "--out");
    refuses(learn({{"--out", "/proc/unspool"}}), "--out");
    refuses(learn({{"--out", ""}}), "--out");
    BOOST_TEST(contents(text).size() == 1600);
}

BOOST_AUTO_TEST_SUITE_END()
