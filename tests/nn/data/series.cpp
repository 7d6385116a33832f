// Tables of numbers, standardised, and in windows.
#include <filesystem>
#include <fstream>
#include <hostile.hpp>
#include <limits>
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

std::string failure(std::string const& text, CsvOptions const& options = {}) {
    return message<FileError>([&] { Csv::parse(text, options, "x.csv"); });
}
std::string bad_number(std::string const& cell, CsvOptions const& options = {}) {
    return message<FileError>([&] { Csv::parse("a,b\n1," + cell + "\n", options, "x.csv").numbers("b"); });
}
using Table = xt::xtensor<double, 2>;

}  // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(has_columns_by_name) {
    Csv const csv = Csv::parse("\xEF\xBB\xBF\"Month\",\"Passengers, total\",\"say \"\"x\"\"\"\r\n1949-01, "
                               "1.5e2,\"-2\"\r\n1949-02,+.5\t,7\r\n\r\n");
    BOOST_TEST(csv.names() == (std::vector<std::string>{"Month", "Passengers, total", "say \"x\""}),
               boost::test_tools::per_element());
    BOOST_TEST(csv.rows() == 2);
    BOOST_TEST(csv.texts("Month") == (std::vector<std::string>{"1949-01", "1949-02"}),
               boost::test_tools::per_element());
    BOOST_TEST((csv.array({"say \"x\"", "Passengers, total"}) == Table{{-2, 150}, {7, 0.5}}));
    BOOST_TEST(has(message<NameError>([&] { csv.numbers("month"); }),
                   "csv has no column \"month\"; there are \"Month\", \"Passengers, total\""));
}

BOOST_AUTO_TEST_CASE(has_numbers_for_columns_without_names) {
    Csv const csv = Csv::parse("# about\n# more\n1;2\n3;4", {.separator = ';', .skip = 2, .header = false});
    BOOST_TEST((csv.array({"1", "2"}) == Table{{1, 2}, {3, 4}}));
    BOOST_TEST(Csv::parse("a,b\n").rows() == 0);
    BOOST_TEST(Csv::parse("a\n\"\"\n").rows() == 1);
}

BOOST_AUTO_TEST_CASE(has_nan_where_numbers_are_missing) {
    auto const x = Csv::parse("a,b\n,1\nNA,2\n ,3\nnan,4\n5,6\n").numbers("a");
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::isnan(x[i]));
    BOOST_TEST(x[4] == 5);
    BOOST_TEST(bad_number("", {.complete = true}) == "x.csv:2:3: a number is missing");
    BOOST_TEST(bad_number("-", {.missing = {"-"}}) == "nothing of the kind was thrown");
    BOOST_TEST(bad_number("NA", {.missing = {"-"}}) == "x.csv:2:3: \"NA\" is not a finite number");
}

// In the form of UCI's air quality: decimal commas, separators at the ends of lines, -200 for what is missing, rows of nothing.
BOOST_AUTO_TEST_CASE(tables_end_their_lines_in_separators) {
    std::string const text =
        "Date;CO(GT);T;;\r\n10/03/2004;2,6;-13,25;;\r\n11/03/2004;-200;+7;;\r\n12/03/2004;;-200,0;;\r\n;;;;\r\n";
    CsvOptions const how{.separator = ';', .decimal = ',', .missing_values = {-200}};
    Csv const csv = Csv::parse(text, how);
    BOOST_TEST(csv.names() == (std::vector<std::string>{"Date", "CO(GT)", "T"}), boost::test_tools::per_element());
    BOOST_TEST(csv.numbers("CO(GT)")[0] == 2.6);
    BOOST_TEST(csv.numbers("T")[0] == -13.25);
    BOOST_TEST(csv.numbers("T")[1] == 7);
    for (std::size_t row : {1, 2, 3}) BOOST_TEST(std::isnan(csv.numbers("CO(GT)")[row]));
    BOOST_TEST(std::isnan(csv.numbers("T")[2]));
    BOOST_TEST(Csv::parse(text, {.separator = ';', .header = false}).names().size() == 5u);
    CsvOptions strict = how;
    strict.complete   = true;
    BOOST_TEST(message<FileError>([&] { Csv::parse(text, strict, "x.csv").numbers("CO(GT)"); }) ==
               "x.csv:3:12: a number is missing");
    BOOST_TEST(has(bad_number("1.5", {.decimal = ';'}), "\"1.5\" is not a finite number"));
    BOOST_TEST(has(message<FileError>([&] { Csv::parse("a\n\"1,5\"\n").numbers("a"); }),
                   "(decimal = ',' for decimal commas)"));
}

// In the form of Mauna Loa's: comments before the table, and a row with one cell more than there are names.
BOOST_AUTO_TEST_CASE(rows_may_be_longer_and_shorter_if_one_says_so) {
    std::string const text =
        "# CO2\n#\nDate,Average,Days\n1958-03,315.71,-01,-9.99\n# a gap\n1958-05,317.51\n1958-06,,30,\"#5\"\n#";
    Csv const csv = Csv::parse(text, {.comment = '#', .ragged = true, .missing_values = {-1, -9.99}});
    BOOST_TEST(csv.names() == (std::vector<std::string>{"Date", "Average", "Days", "4"}),
               boost::test_tools::per_element());
    BOOST_TEST(csv.rows() == 3);
    BOOST_TEST(csv.texts("4") == (std::vector<std::string>{"-9.99", "", "#5"}), boost::test_tools::per_element());
    BOOST_TEST(std::isnan(csv.numbers("Days")[0]));
    BOOST_TEST(csv.numbers("Days")[2] == 30);
    BOOST_TEST(Csv::parse("a,b\n1,2,\n", {.ragged = true}).names().size() == 2u);
    BOOST_TEST(failure("a,b\n1,2,\n") ==
               "x.csv:2:1: the row has 3 cells, but the header has 2: does it end in a separator (ragged = true)?");
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_are_explained) {
    BOOST_TEST(has(failure("# about\na,b\n1,2\n"), "is line 1 a comment (comment = '#')?"));
    BOOST_TEST(has(failure("a,b\n# about\n1,2\n"), "is it a comment (comment = '#')?"));
    BOOST_TEST(has(failure("a;b\n1,5;2,5\n"), "is the separator \";\"?"));
    BOOST_TEST(has(failure("about\na,b\n1,2\n"), "are there lines before the table (skip)?"));
    BOOST_TEST(has(failure("a,b\n1\n"), "may cells be missing at its end (ragged = true)?"));
    BOOST_TEST(has(message<NameError>([] { Csv::parse("a\tb\n1\t2\n").numbers("a"); }), "is the separator \"\\t\"?"));
}

BOOST_AUTO_TEST_CASE(columns_have_numbers_where_they_have_no_names) {
    Csv const csv = Csv::parse("3,,x,\n1,2,5,4\n");
    BOOST_TEST(csv.names() == (std::vector<std::string>{"3", "2", "x", "4"}), boost::test_tools::per_element());
    BOOST_TEST((csv.array({"3", "2", "x", "1", "4", "-1", "-2"}) == Table{{1, 2, 5, 1, 4, 4, 5}}));  // names come first
    for (char const* none : {"0", "5", "-5", "1x", " 1", "+1", "1.0", "99999999999999999999"})
        BOOST_CHECK_THROW(csv.numbers(none), NameError);
}

BOOST_AUTO_TEST_CASE(errors_say_where) {
    for (char const* cell : {"1,5", "x", "1 2", "0x10", "inf", "1e999", "--1", "+-1", "1.", "1e"}) {
        if (std::string(cell) == "1.") continue;  // is one
        BOOST_TEST(has(bad_number("\"" + std::string(cell) + "\""),
                       "x.csv:2:3: \"" + std::string(cell) + "\" is not a finite number"));
    }
    BOOST_TEST(failure("a,b\n1,2\n1,2,3\n") == "x.csv:3:1: the row has 3 cells, but the header has 2: are there "
                                               "columns without names (ragged = true), or decimal "
                                               "commas within them?");
    BOOST_TEST(failure("1,2\n\n1,2\n", {.header = false}) ==
               "x.csv:2:1: the row has 1 cells, but the first has 2: may cells be missing at its end (ragged = true)?");
    BOOST_TEST(failure("a,b\n1,x\"y\n") == "x.csv:2:4: a quote within a cell without quotes");
    BOOST_TEST(failure("a,b\n\"1\"x,2\n") == "x.csv:2:4: there is text after a quoted cell");
    BOOST_TEST(failure("a,\"b\nc,d\n") == "x.csv:1:3: the quote is never closed");
    BOOST_TEST(failure("a,b\n1,2\r3,4\n") == "x.csv:2:4: a carriage return without a newline");
    BOOST_TEST(failure("a,b,a\n") == "x.csv:1:5: there are two columns \"a\"");
    BOOST_TEST(failure("") == "x.csv:1:1: there is no table");
    BOOST_TEST(
        failure("a\n\"x\ny\"\n1,2\n") ==
        "x.csv:4:1: the row has 2 cells, but the header has 1: are there columns without names (ragged = true), or "
        "decimal commas within them?");  // after a newline in quotes
    BOOST_CHECK_THROW(Csv::read("/nowhere.csv"), FileError);
}

BOOST_AUTO_TEST_CASE(numbers_that_are_too_small_are_zero) {
    auto const x = Csv::parse("a\n1e-400\n-1e-400\n4e-324\n1e-99999\n1.7976931348623157e308\n+0.0e999\n").numbers("a");
    BOOST_TEST((x == std::vector<double>{0, 0, std::numeric_limits<double>::denorm_min(), 0,
                                         std::numeric_limits<double>::max(), 0}));
    BOOST_TEST(std::signbit(x[1]));
    for (auto cell : {"1e400", "-1e400", "1e99999", "0x1p-2000", "1e-400x", "1e-400,", "infinity", "1e"})
        BOOST_TEST(has(bad_number("\"" + std::string(cell) + "\""), "is not a finite number"));
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
    auto const refused = [](CsvOptions const& o) { return message<ValueError>([&] { Csv::parse("a\n1\n", o); }); };
    BOOST_TEST(has(refused({.separator = '"'}), "series.cpp:"));
    BOOST_TEST(has(refused({.separator = '"'}), "Csv: the separator is \"\\\"\", which has a meaning of its own"));
    BOOST_TEST(has(refused({.separator = '\n'}), "the separator is \"\\n\""));
    BOOST_TEST(has(refused({.separator = '\r'}), "the separator is \"\\r\""));
    BOOST_TEST(has(refused({.separator = ',', .decimal = ','}), "the separator and the decimal point are both \",\""));
    BOOST_TEST(has(refused({.skip = -5}), "Csv: skip is -5, but must be at least 0"));
    BOOST_TEST(Csv::parse("a\t1\n", {.separator = '\t'}).names().size() == 2u);
    BOOST_TEST(Csv::parse(std::string("a\0b\n", 4), {.separator = '\0'}).names().size() == 2u);
    BOOST_TEST(has(failure("a\n", {.skip = 5}), "there is no table"));
}

BOOST_AUTO_TEST_CASE(errors_are_short_and_whole) {
    using namespace std::string_literals;
    BOOST_TEST(bad_number("1\0\x1b[2J"s) == "x.csv:2:3: \"1\\u0000\\u001b[2J\" is not a finite number");
    std::string const long_cell(1'000'000, '7');
    BOOST_TEST(bad_number(long_cell + "x").size() < 300u);
    BOOST_TEST(failure(long_cell + "," + long_cell + "\n").size() < 300u);
    std::string many;
    for (int i = 0; i < 100'000; ++i) many += fmt::format("{}c{}", i ? "," : "", i);
    Csv const wide = Csv::parse(many + "\n");
    BOOST_TEST(message<NameError>([&] { wide.texts(long_cell); }).size() < 1000u);
    BOOST_TEST(has(message<NameError>([&] { wide.texts("x"); }), "\"c29\" and 99970 more"));
}

// Forms that were quadratic would take minutes.
BOOST_AUTO_TEST_CASE(a_large_table_takes_as_long_as_it_is) {
    constexpr int n = 100'000;
    std::string header, row;
    for (int i = 0; i < n; ++i) header += fmt::format("{}c{}", i ? "," : "", i), row += i ? ",1" : "1";
    Csv const wide = Csv::parse(header + "\n" + row + "\n");
    for (int i = 0; i < n; ++i) BOOST_REQUIRE(wide.numbers(fmt::format("c{}", i)).size() == 1u);
    BOOST_TEST(has(failure(header + ",c7\n"), "there are two columns \"c7\""));
    BOOST_TEST(Csv::parse("a\n" + std::string(n, '\n') + "1\n").rows() == n + 1);  // of one column, and empty
    BOOST_TEST(Csv::parse("a\n1\n" + std::string(n, '\n')).rows() == 1);
}

BOOST_AUTO_TEST_CASE(whatever_is_written_is_read_again) {
    BOOST_TEST(rc::check([] {
        auto const width = *rc::gen::inRange<std::size_t>(2, 5), rows = *rc::gen::inRange<std::size_t>(1, 5);
        std::string text;
        std::vector<std::vector<std::string>> columns(width);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < width; ++c) {
                std::string const cell = *hostile_text();
                text += (c ? "," : "") + csv_field(cell) + (c + 1 == width ? "\n" : "");
                columns[c].push_back(cell);
            }
        Csv const read = Csv::parse(text, {.header = false});
        for (std::size_t c = 0; c < width; ++c) RC_ASSERT(read.texts(std::to_string(c + 1)) == columns[c]);
    }));
}

BOOST_AUTO_TEST_CASE(every_part_of_a_table_is_read_or_refused) {
    std::string const text = "a,\"b \"\"x\"\"\"\r\n1,\"2\n\"\r\n3,4\r\n";
    for (std::size_t n = 0; n <= text.size(); ++n) try {
            Csv::parse(text.substr(0, n));
        } catch (FileError const&) {}
    BOOST_TEST(Csv::parse(text).rows() == 2);
}

BOOST_AUTO_TEST_CASE(a_table_in_a_file_is_read) {
    auto const path = std::filesystem::temp_directory_path() / fmt::format("unspool_{}.csv", getpid());
    std::ofstream(path) << "t,x\n1,oops\n";
    Csv const csv = Csv::read(path);
    BOOST_TEST(csv.numbers("t").front() == 1);
    BOOST_TEST(has(message<FileError>([&] { csv.numbers("x"); }), path.filename().string() + ":2:3: \"oops\""));
    std::filesystem::remove(path);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(series)

BOOST_AUTO_TEST_CASE(is_standardised_and_back) {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    Table const x{{1, 5, 1e9 + 1, 0.1}, {3, 5, 1e9 + 2, 0.1}, {nan, 5, 1e9 + 3, 0.1}};
    Standardiser s(x);
    BOOST_TEST(s.mean() == (std::vector<double>{2, 5, 1e9 + 2, 0.1}), boost::test_tools::per_element());
    BOOST_TEST(s.deviation()[0] == 1);
    BOOST_TEST(s.deviation()[1] == 1);
    BOOST_TEST(golden::distance(s.deviation()[2], std::sqrt(2.0 / 3)) < 1e-12);
    BOOST_TEST(s.deviation()[3] == 1);
    auto const y = s.apply(x);
    BOOST_TEST(y(0, 0) == -1);
    BOOST_TEST(y(1, 1) == 0);
    BOOST_TEST(std::isnan(y(2, 0)));
    BOOST_TEST(golden::near(xt::xarray<double>(s.undo(y)), xt::xarray<double>(x), 1e-15));
    BOOST_TEST(has(message<ShapeError>([&] { s.apply(Table{{1}}); }), "it knows 4 columns, but the series has 1"));
    BOOST_TEST(has(message<ValueError>([&] { Standardiser(Table{{1, nan}}); }), "column 1 has no number"));
    BOOST_CHECK_THROW(Standardiser(Table{{1}, {std::numeric_limits<double>::infinity()}}), ValueError);
    Fields f;
    s.fields(f);
    BOOST_TEST(f.all().size() == 2u);
}

BOOST_AUTO_TEST_CASE(has_windows) {
    Table x({10, 2}, 0);
    for (std::size_t t = 0; t < 10; ++t) x(t, 0) = static_cast<double>(t), x(t, 1) = -static_cast<double>(t);
    auto const w = windows(x, {.length = 3, .horizon = 2, .stride = 4, .targets = {1}});
    BOOST_REQUIRE(w.size() == 2);
    BOOST_TEST((w.inputs[1] == Table{{4, -4}, {5, -5}, {6, -6}}));
    BOOST_TEST((w.targets[1] == Table{{-7}, {-8}}));
    BOOST_TEST(windows(x, {.length = 8, .horizon = 2}).size() == 1);
    BOOST_TEST(windows(x, {.length = 2, .stride = Fields::most}).size() == 1);
    BOOST_TEST(windows(x, {.length = 1, .horizon = 1}).targets.back()(0, 0) == 9);
    SequenceBatches b(windows(x, {.length = 3, .horizon = 2}), {.size = 4, .aligned = false});
    auto const& batch = *b.next();
    BOOST_TEST(batch.inputs.shape(0) == 3u);
    BOOST_TEST(batch.targets.shape(0) == 2u);
    BOOST_TEST(batch.targets(0, 0, 0) == batch.inputs(2, 0, 0) + 1);
    BOOST_TEST(has(message<ValueError>([&] { windows(x, {.length = 9, .horizon = 2}); }),
                   "windows: 9 and 2 more do not fit into 10 steps"));
    BOOST_CHECK_THROW(windows(x, {.length = Fields::most}), ValueError);
    BOOST_CHECK_THROW(windows(x, {.length = 0}), ValueError);
    BOOST_CHECK_THROW(windows(x, {.horizon = 0}), ValueError);
    BOOST_CHECK_THROW(windows(x, {.stride = 0}), ValueError);
    BOOST_TEST(
        has(message<IndexError>([&] { windows(x, {.length = 2, .targets = {2}}); }), "there is no column 2 among 2"));
    BOOST_CHECK_THROW(steps_of(x, 3, 11), IndexError);
    BOOST_TEST(steps_of(x, 3, 3).shape(0) == 0u);
}

BOOST_AUTO_TEST_CASE(has_forecasts_of_what_comes_next) {
    Table x({6, 2}, 0);
    for (std::size_t t = 0; t < 6; ++t) x(t, 0) = static_cast<double>(t), x(t, 1) = 10 * static_cast<double>(t);
    auto const all = forecasts(x, {.length = 2, .horizon = 2});
    BOOST_TEST(all.size() == 3);
    BOOST_TEST((all.targets[0] == Outcomes<double>{2, 20, 3, 30}));
    SequenceBatches b(all, {.size = 2, .shuffle = false, .batch_first = true});
    auto const& batch = *b.next();
    BOOST_TEST((batch.targets == Table{{2, 20, 3, 30}, {3, 30, 4, 40}}));
    BOOST_TEST(batch.weight() == 2);
    BOOST_TEST((batch.part(1, 2).targets == Table{{3, 30, 4, 40}}));
    Sequences<Symbols, Outcomes<float>> bad{{{1}, {2}}, {{1.0F, 2.0F}, {1.0F}}};
    BOOST_TEST(has(message<ShapeError>([&] { SequenceBatches{bad}; }), "target 1 is of 1 numbers, but target 0 of 2"));
    bad.targets[1] = {1.0F, std::nanf("")};
    BOOST_TEST(has(message<ValueError>([&] { SequenceBatches{bad}; }), "target 1 is nan at place 1"));
}

BOOST_AUTO_TEST_CASE(windows_are_complete_if_one_says_so) {
    Table x({8, 1}, 1);
    x(3, 0) = std::nan("");
    BOOST_TEST(windows(x, {.length = 2}).size() == 6);
    BOOST_TEST(windows(x, {.length = 2, .complete = true}).size() == 3);  // from 0, 4 and 5
    BOOST_CHECK_THROW(windows(x, {.length = 5, .complete = true}), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
