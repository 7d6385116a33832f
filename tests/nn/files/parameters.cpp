// Saving and loading parameters: by name, all or nothing.
#include <nn/files/scratch.hpp>

using namespace files;

namespace {

struct Model {
    Params params;
    nn::LSTMCell lstm;
    nn::Linear out;
    explicit Model(std::uint64_t seed, Dtype d = float32)
        : params(seed, d), lstm(params / "encoder.lstm", 3, 4), out(params / "out", 4, 2) {}
};

struct Fixture : TemporaryFolder {
    Model a{1}, b{2};
    fs::path file = folder / "model.safetensors";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(saved_parameters, Fixture)

BOOST_AUTO_TEST_CASE(come_back_exactly) {
    save(a.params, file);
    std::uint64_t const version = b.out.weight.version();
    Unmatched const none        = load(b.params, file);
    BOOST_TEST((values(a.params) == values(b.params)));
    BOOST_TEST((none.missing.empty() && none.surplus.empty()));
    BOOST_TEST(b.out.weight.version() != version);
    BOOST_TEST(Safetensors(file).tensors()[0].name == "encoder.lstm.weight_ih_l0");
    std::string const first = contents(file);
    save(b.params, file);
    BOOST_TEST(contents(file) == first);
}

BOOST_AUTO_TEST_CASE(convert_between_element_types) {
    Model wide(3, float64), back(4);
    save(a.params, file), load(wide.params, file);
    BOOST_TEST((values(wide.params) == values(a.params)));
    wide.out.weight.assign(0.1);
    save(wide.params, file), load(back.params, file);
    BOOST_TEST(value(back.out.weight)(0) == static_cast<double>(0.1f));
    BOOST_TEST((Safetensors(file).find("out.weight")->type == Stored::f64));
}

BOOST_AUTO_TEST_CASE(keep_what_no_arithmetic_yields) {
    Params p(0), q(0);
    Param &x = p.zeros("x", {}), &none = p.zeros("none", {0, 3});
    q.constant("x", {}, 1), q.zeros("none", {0, 3});
    x.assign(-std::numeric_limits<float>::quiet_NaN());
    save(p, file), load(q, file);
    BOOST_TEST(std::memcmp(x.data(), q["x"].data(), sizeof(float)) == 0);
    BOOST_TEST(none.count() == 0);
}

BOOST_AUTO_TEST_CASE(tell_all_that_does_not_fit_at_once) {
    std::vector<double> x(16);
    std::vector<TensorView> tensors{{"encoder.lstm.weight_ih_l0", Stored::f32, {3, 4}, x.data()},
                                    {"encoder.lstm.weight_hh_l0", Stored::f32, {16}, x.data()},
                                    {"out.weight", Stored::i64, {2, 4}, x.data()},
                                    {"out.bias", Stored::f32, {2}, x.data()},
                                    {"other", Stored::f32, {3}, x.data()}};
    write_safetensors(file, tensors);
    auto const before   = values(b.params);
    std::string const m = message<FileError>([&] { load(b.params, file); });
    BOOST_TEST(m == "cannot load " + file.string() + R"(:
    "encoder.lstm.weight_ih_l0"  is [3,4] in the file, expected [16,3]
    "encoder.lstm.weight_hh_l0"  is [16] in the file, expected [16,4]
    "out.weight"  is I64 in the file, expected F64, F32, F16 or BF16
    "other"  is in the file, [3], but no parameter
    "encoder.lstm.bias_ih_l0"  [16] is not in the file
    "encoder.lstm.bias_hh_l0"  [16] is not in the file)");
    BOOST_TEST((values(b.params) == before));
}

BOOST_AUTO_TEST_CASE(may_be_missing_or_surplus_where_one_says_so) {
    save(a.params / "out", file, {.prefix = "out."});
    BOOST_CHECK_THROW(load(b.params, file), FileError);
    Unmatched const left = load(b.params, file, {.missing = true});
    BOOST_TEST(left.missing.size() == 4u);
    BOOST_TEST(left.missing[0] == "encoder.lstm.weight_ih_l0");
    BOOST_TEST(same_values(a.out.weight, b.out.weight));
    BOOST_TEST(!same_values(a.params["encoder.lstm.weight_ih_l0"], b.params["encoder.lstm.weight_ih_l0"]));
    save(a.params, file);
    Model c(5);
    BOOST_CHECK_THROW(load(c.params / "out", file), FileError);
    Unmatched const more = load(c.params / "out", file, {.missing = true, .surplus = true});
    BOOST_TEST((more.surplus.size() == 6u && more.missing.size() == 2u));
}

BOOST_AUTO_TEST_CASE(are_called_below_the_path_given) {
    save(a.params / "encoder", file);
    BOOST_TEST((Safetensors(file).find("lstm.bias_hh_l0") != nullptr));
    load(b.params / "encoder", file);
    BOOST_TEST(same_values(a.params["encoder.lstm.bias_hh_l0"], b.params["encoder.lstm.bias_hh_l0"]));
    BOOST_TEST(!same_values(a.out.weight, b.out.weight));
}

BOOST_AUTO_TEST_CASE(are_found_behind_a_prefix_and_under_other_names) {
    save(a.params, file, {.prefix = "model."});
    load(b.params / "out", file, {.prefix = "model.out."});
    BOOST_TEST(same_values(*a.out.bias, *b.out.bias));
    auto const slashes = [](std::string_view from, char old, char now) {
        std::string out(from);
        std::replace(out.begin(), out.end(), old, now);
        return out;
    };
    Model c(7);
    save(a.params, file, {.rename = [&](auto n) { return slashes(n, '.', '/'); }});
    BOOST_TEST((Safetensors(file).find("out/weight") != nullptr));
    load(c.params, file, {.rename = [&](auto n) { return slashes(n, '/', '.'); }});
    BOOST_TEST((values(c.params) == values(a.params)));
    BOOST_TEST(has(message<FileError>([&] { load(c.params, file, {.rename = [](auto) { return "same"; }}); }),
                   "\"same\"  is what two tensors of the file are called"));
    BOOST_CHECK_THROW(save(a.params, file, {.rename = [](auto) { return "same"; }}), NameError);
}

BOOST_AUTO_TEST_CASE(have_metadata_beside_them) {
    save(a.params, file, {.metadata = {{"format", "pt"}}});
    BOOST_TEST(Safetensors(file).metadata().at("format") == "pt");
    load(b.params, file);
}

BOOST_AUTO_TEST_SUITE_END()
