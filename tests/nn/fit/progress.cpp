// What a training shows, on terminals of all widths and where there is none.
#include <nn/files/scratch.hpp>
#include <poll.h>
#include <pty.h>
#include <set>
#include <unistd.h>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/fit/progress.hpp>

using namespace unspool;
using namespace unspool::core;

namespace shown_progress {

namespace {

/// A variable of the environment, for as long as it lives.
struct Variable {
    std::string name, before;
    bool was;
    Variable(char const* n, char const* value) : name(n), was(std::getenv(n) != nullptr) {
        if (was) before = std::getenv(n);
        if (value) setenv(n, value, 1);
        else unsetenv(n);
    }
    ~Variable() {
        if (was) setenv(name.c_str(), before.c_str(), 1);
        else unsetenv(name.c_str());
    }
    Variable(Variable const&) = delete;
};

/// A terminal so wide, which keeps what is on its lines, and how far the longest ever reached.
class Terminal {
public:
    explicit Terminal(unsigned short width) {
        BOOST_REQUIRE(::openpty(&master_, &slave_, nullptr, nullptr, nullptr) == 0);
        resize(width);
        to_ = ::fdopen(slave_, "w");
    }
    ~Terminal() { std::fclose(to_), ::close(master_); }
    Terminal(Terminal const&) = delete;

    std::FILE* file() { return to_; }
    void resize(unsigned short width) {
        winsize const size{24, width, 0, 0};
        ::ioctl(master_, TIOCSWINSZ, &size);
        reached_ = 0;
    }
    std::vector<std::vector<std::string>> const& lines() { return read(), lines_; }
    std::string line(std::size_t i) {
        read();
        std::string out;
        if (i < lines_.size())
            for (auto const& c : lines_[i]) out += c;
        return out;
    }
    std::size_t count() { return read(), lines_.size(); }
    std::size_t reached() { return read(), reached_; }
    std::size_t column() { return read(), at_; }

private:
    void read() {
        std::fflush(to_);
        pollfd one{master_, POLLIN, 0};
        char some[1 << 12];
        while (::poll(&one, 1, 20) > 0 && (one.revents & POLLIN)) {
            auto const n = ::read(master_, some, sizeof some);
            if (n <= 0) break;
            waiting_.append(some, static_cast<std::size_t>(n));
        }
        std::string_view all = waiting_;
        while (!all.empty()) {
            if (all.starts_with("\x1b[K"))
                lines_.back().resize(std::min(lines_.back().size(), at_)), all.remove_prefix(3);
            else if (all[0] == '\r') at_ = 0, all.remove_prefix(1);
            else if (all[0] == '\n') lines_.emplace_back(), all.remove_prefix(1);
            else put(all);
        }
        waiting_.clear();
    }
    void put(std::string_view& all) {
        auto const [code, length] = utf8::first(all);
        BOOST_REQUIRE(length > 0u);
        BOOST_REQUIRE(!utf8::is_control(code));
        std::size_t const width = utf8::width(code);
        auto& line              = lines_.back();
        line.resize(std::max(line.size(), at_ + width), " ");
        if (width == 0) line[at_ - 1] += all.substr(0, length);
        else line[at_] = all.substr(0, length);
        if (width == 2) line[at_ + 1] = "";
        reached_ = std::max(reached_, at_ += width);
        all.remove_prefix(length);
    }

    int master_ = -1, slave_ = -1;
    std::FILE* to_ = nullptr;
    std::string waiting_;
    std::vector<std::vector<std::string>> lines_{1};
    std::size_t at_ = 0, reached_ = 0;
};

History::Row const usual{{"loss", 0.6931471},        {"accuracy", 0.912345}, {"validation_loss", 1.2e-5},
                         {"validation_accuracy", 1}, {"rate", 1e-3},         {"seconds", 2.1}};

std::string places_of_names(std::string const& line) {
    std::string out;
    for (char const* name : {"loss", "accuracy", "rate"}) out += fmt::format("{} ", line.find(name));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(numbers_take_seven_columns) {
    auto const check = [](double x) {
        std::string const s = short_number(x);
        BOOST_TEST(s.size() <= 7u, s);
        if (std::isfinite(x) && x != 0) BOOST_TEST(std::abs(std::strtod(s.c_str(), nullptr) / x - 1) < 0.4, s);
        else BOOST_TEST(s == fmt::format("{}", x));
    };
    for (double sign : {1.0, -1.0}) {
        for (double x : {0.0, 1.0, 0.6931471, 123456.0, 99999.5, std::nan(""), HUGE_VAL, 1.2e308, 5e-324})
            check(sign * x);
        for (int e = -300; e <= 300; ++e) check(sign * 1.2345678 * std::pow(10, e));
    }
    BOOST_TEST(short_number(0.69314) == "0.6931");
    BOOST_TEST(short_number(-0.69314) == "-0.6931");
    BOOST_TEST(short_number(0.00123456) == "0.00123");
}

BOOST_AUTO_TEST_CASE(times_are_short) {
    BOOST_TEST(duration_text(0) == "0:00");
    BOOST_TEST(duration_text(75.9) == "1:15");
    BOOST_TEST(duration_text(3661) == "1:01:01");
    BOOST_TEST(duration_text(5 * 86400 + 3600) == "5 d 01 h");
    BOOST_TEST(duration_text(HUGE_VAL).size() <= 18u);
}

BOOST_AUTO_TEST_CASE(lines_fit_what_is_there) {
    BOOST_TEST(shortened("epoch \u00b5 12", 9) == "epoch \u00b5 1");
    BOOST_TEST(shortened("漢字", 3) == "漢");
    BOOST_TEST(shortened("e\u0301e", 1) == "e\u0301");
    BOOST_TEST(shortened("epoch", 5) == "epoch");
    BOOST_TEST(epoch_line(2, 10, usual) == "epoch  3/10  loss 0.6931   accuracy 0.9123   validation_loss 1.2e-05  "
                                           "validation_accuracy 1        rate 0.001    2.1 s");
    BOOST_TEST(epoch_line(2, 10, usual, 60) == "epoch  3/10  loss 0.6931   validation_loss 1.2e-05");
    BOOST_TEST(epoch_line(2, 10, usual, 8) == "epoch  3");
    FitPlace const place{2, 10, 5, 10};
    History::Row const so_far{{"loss", 0.5}, {"accuracy", 0.912345}};
    BOOST_TEST(live_line(place, so_far, {120, 12}, 200) ==
               "epoch  3/10  [==========>         ]   5/10  loss 0.5      accuracy 0.9123   0:12 left  120/s");
    BOOST_TEST(live_line(place, so_far, {0.5, 4000}, 60) ==
               "epoch  3/10  [=====>    ]   5/10  loss 0.5      1:06:40 left");
    BOOST_TEST(live_line(place, {}, {}, 30) == "epoch  3/10  [====>   ]   5/10");
    BOOST_TEST(live_line({0, 1, 7, 0}, {{"loss", 0.25}}, {0.5, -1}, 80) ==
               "epoch 1/1  batch 7  loss 0.25     2 s each");
    BOOST_TEST(live_line({0, 1, 3, 3}, {}, {}, 80) == "epoch 1/1  [====================]  3/3");
    History::Row const wide{{"損失", 0.5}, {std::string(300, 'x'), 1}, {"ü\n\x1b[2J", 2}};
    for (std::size_t width = 1; width < 200; ++width) {
        for (auto const& row : {usual, wide, History::Row{}}) {
            BOOST_TEST(columns(live_line(place, row, {120, 12}, width)) <= width);
            BOOST_TEST(columns(epoch_line(2, 10, row, width)) <= width);
        }
    }
}

BOOST_AUTO_TEST_CASE(epochs_are_below_one_another) {
    std::set<std::string> places;
    for (double x : {1.0, 0.123456, 0.0123456, 1.23456e-3, 1.23456e-10, -0.5, 1e-300, 12345.6, std::nan("")})
        places.insert(
            places_of_names(epoch_line(7, 100, {{"loss", x}, {"accuracy", x * x}, {"rate", 1 / x}, {"seconds", 1}})));
    BOOST_TEST(places.size() == 1u);
}

BOOST_AUTO_TEST_CASE(no_line_is_longer_than_the_terminal_is_wide) {
    Variable const term("TERM", "xterm"), columns("COLUMNS", "300");
    for (int const columns_there : {20, 40, 80, 200}) {
        auto const width = static_cast<unsigned short>(columns_there);
        Terminal terminal(width);
        Progress progress(false, terminal.file());
        BOOST_TEST(progress.due());
        for (Index epoch = 0; epoch < 3; ++epoch) {
            for (Index b = 1; b <= 100; b += 33) {
                progress.batch({epoch, 3, b, 100}, usual);
                BOOST_TEST(terminal.column() == 0u);
                BOOST_TEST(terminal.line(terminal.count() - 1).starts_with(fmt::format("epoch {}/3", epoch + 1)));
            }
            progress.epoch(epoch, 3, usual);
            BOOST_TEST(terminal.line(terminal.count() - 1).empty());  // the bar is gone
        }
        BOOST_TEST(terminal.count() == 4u);
        BOOST_TEST(terminal.reached() < width);
        BOOST_TEST((width < 200 || terminal.reached() > 80));  // it uses what there is
        terminal.resize(30);
        progress.batch({2, 3, 99, 100}, usual);
        BOOST_TEST(terminal.reached() < 30u);
    }
}

BOOST_AUTO_TEST_CASE(a_terminal_that_says_no_width_is_asked_for_columns) {
    Variable const term("TERM", "xterm");
    for (auto const& [said, width] : {std::pair{"40", 40u}, {"many", 80u}, {"-1", 80u}, {(char const*)nullptr, 80u}}) {
        Variable const columns("COLUMNS", said);
        Terminal terminal(0);
        Progress progress(false, terminal.file());
        progress.epoch(0, 1,
                       {{std::string(20, 'x'), 1}, {std::string(20, 'y'), 1}, {std::string(10, 'z'), 1}, {"rate", 1}});
        BOOST_TEST(terminal.reached() < width);
        BOOST_TEST(terminal.reached() + 20 > width);
    }
}

BOOST_AUTO_TEST_CASE(where_no_one_looks_there_is_no_live_line) {
    {
        Variable const term("TERM", "dumb");
        Terminal terminal(80);
        BOOST_TEST(!Progress(false, terminal.file()).due());
    }
    {
        Variable const term("TERM", nullptr);
        Terminal terminal(80);
        BOOST_TEST(!Progress(false, terminal.file()).due());
    }
    Variable const term("TERM", "xterm");
    Terminal terminal(80);
    BOOST_TEST(!Progress(true, terminal.file()).due());
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::tmpfile(), std::fclose);
    BOOST_TEST(!Progress(false, file.get()).due());
}

BOOST_AUTO_TEST_CASE(of_quick_epochs_some_lines_are_left_out_but_not_the_last) {
    files::TemporaryFolder const folder;
    auto* out        = std::fopen((folder / "out").c_str(), "w");
    auto const begin = std::chrono::steady_clock::now();
    {
        Progress progress(false, out);
        for (Index e = 0; e < 100'000; ++e) progress.epoch(e, 100'000, {{"loss", 1}});
    }
    double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::fclose(out);
    std::string const text = files::contents(folder / "out");
    auto const lines       = static_cast<double>(std::count(text.begin(), text.end(), '\n'));
    BOOST_TEST((lines >= 21 && lines <= 22 + 5 * seconds));
    BOOST_TEST(text.starts_with("epoch      1/100000  loss 1\nepoch      2/100000  loss 1\n"));
    BOOST_TEST(text.ends_with("\nepoch 100000/100000  loss 1\n"));
}

BOOST_AUTO_TEST_CASE(fit_prints_a_line_for_each_epoch) {
    files::TemporaryFolder const folder;
    Params params(0, float64);
    Param& w = params.zeros("w", {});
    Sgd sgd(params, {.rate = 1});
    auto const loss = [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(w)); };
    auto* out       = std::fopen((folder / "out").c_str(), "w");
    fit(params, sgd, std::vector<double>{0}, loss, FitOptions{.epochs = 11, .out = out});
    std::fclose(out);
    std::string const text = files::contents(folder / "out");
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 11);
    BOOST_TEST(files::has(
        text, "epoch  1/11  loss 0        rate 1        0.0 s\nepoch  2/11  loss -1       rate 1        0.0 s"));
    BOOST_TEST(text.find('\r') == text.npos);
}

BOOST_AUTO_TEST_CASE(an_exception_leaves_a_terminal_at_the_beginning_of_an_empty_line) {
    Variable const term("TERM", "xterm");
    Params params(0, float64);
    Param& w = params.zeros("w", {});
    Sgd sgd(params, {.rate = 1});
    Terminal terminal(40);
    int n           = 0;
    auto const loss = [&](Tape& tape, double, Mode) -> Var {
        if (n++ == 1) {
            BOOST_TEST(terminal.line(0).find("1/2") != std::string::npos, terminal.line(0));  // the bar is there
            throw std::runtime_error("no more");
        }
        return sum(tape.lift(w));
    };
    BOOST_CHECK_THROW(
        fit(params, sgd, std::vector<double>{0, 0}, loss, FitOptions{.epochs = 3, .out = terminal.file()}),
        std::runtime_error);
    BOOST_TEST(terminal.count() == 1u);
    BOOST_TEST(terminal.line(0).empty());
    BOOST_TEST(terminal.column() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace shown_progress
