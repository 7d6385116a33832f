// However many things there are, an error that tells of one is short and names it.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <nn/cells.hpp>
#include <string>
#include <unspool.hpp>
#include <valid_utf8.hpp>

using namespace unspool;

namespace short_texts {

namespace {

using cells::has, cells::message;

constexpr int many = 5000;
std::string const long_name(100'000, 'n');

struct Provoked {
    char const* what;
    std::function<void()> call;
    char const* culprit;
};

std::vector<std::string> names(std::string const& stem) {
    std::vector<std::string> out;
    for (int k = 0; k < many; ++k) out.push_back(stem + std::to_string(k));
    return out;
}

std::string joined(std::vector<std::string> const& words) {
    std::string out;
    for (auto const& w : words) out += (out.empty() ? "" : ",") + w;
    return out;
}

std::vector<Var> with_one_stale(Tape& tape) {
    std::vector<Var> out(many, tape.input(xt::xarray<float>{1, 2}, "x"));
    Tape::Mark const mark = tape.mark();
    out[many / 2]         = tape.input(xt::xarray<float>{1, 2});
    tape.rewind(mark);
    return out;
}

std::vector<Var> with_one_wrong(Tape& tape) {
    std::vector<Var> out(many, tape.input(xt::xarray<float>{1, 2}, "x"));
    out[many / 2] = tape.input(xt::xarray<float>(xt::ones<float>({3, 1})), "wrong");
    return out;
}

History::Row row(int changed) {
    History::Row out;
    for (int k = 0; k < many; ++k) out.emplace_back(k == changed ? "other" : "loss" + std::to_string(k), 1);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(short_texts_of_networks)

BOOST_AUTO_TEST_CASE(name_the_one_that_is_wrong) {
    Tape tape;
    Params params;
    for (auto const& n : names("layer")) params.zeros(n, {1});
    auto const csv       = [] { return Csv::parse(joined(names("column")) + "\n" + joined(names("")) + "\n"); };
    Provoked const all[] = {
        {"stack", [&] { stack(with_one_wrong(tape)); }, "wrong  [3,1]"},
        {"concat", [&] { concat(with_one_wrong(tape)); }, "wrong  [3,1]"},
        {"stack of a stale one", [&] { stack(with_one_stale(tape)); }, "operand 2500 of 5000"},
        {"concat of a stale one", [&] { concat(with_one_stale(tape)); }, "operand 2500 of 5000"},
        {"stack of an empty one",
         [&] {
             stack(std::vector<Var>{tape.input(1.0), {}});
         },
         "operand 1 of 2"},
        {"einsum", [&] { einsum(long_name + "!->", tape.input(1.0)); }, "!"},
        {"unknown column", [&] { csv().texts("none"); }, "no column \"none\""},
        {"unknown parameter", [&] { params["none"]; }, "no parameter none"},
        {"parameter there already", [&] { params.zeros("layer2500", {1}); }, "layer2500"},
        {"history, another name",
         [&] {
             History h;
             h.add(row(-1)), h.add(row(many / 2));
         },
         "number 2501 is \"other\", not \"loss2500\""},
        {"history, unknown name",
         [&] {
             History h;
             h.add(row(-1)), h.last("none");
         },
         "no \"none\""},
        {"a long name", [&] { params[long_name + "." + long_name]; }, "there is no parameter nnn"},
    };
    for (Provoked const& p : all) {
        std::string const said = message<Error>(p.call);
        BOOST_TEST(said.size() <= 2010u, p.what << ": " << said.size());
        BOOST_TEST(is_utf8(said), p.what);
        BOOST_TEST(has(said, p.culprit), p.what << ": " << said);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace short_texts
