// Files that are there whole or not at all.
#include <csignal>
#include <fcntl.h>
#include <nn/files/scratch.hpp>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unspool/autograd/system/atomic_file.hpp>

using namespace files;

namespace {

using Names = std::vector<std::string>;

unsigned mode(fs::path const& path) {
    struct stat s = {};
    ::stat(path.c_str(), &s);
    return s.st_mode & 07777;
}

/// Files of this process may have so many bytes at most, as if the disk were full.
struct FullDisk {
    rlimit old = {};
    explicit FullDisk(rlim_t most) {
        ::getrlimit(RLIMIT_FSIZE, &old);
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit const less{most, old.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &less);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &old);
        std::signal(SIGXFSZ, SIG_DFL);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(atomic_file, TemporaryFolder)

BOOST_AUTO_TEST_CASE(is_under_its_name_only_when_it_is_whole) {
    write(folder / "a", "old");
    {
        AtomicFile file(folder / "a");
        file.write("new and ");
        file.write(std::string(200'000, 'x'));
        file.write(" longer");
        BOOST_TEST(contents(folder / "a") == "old");
        BOOST_TEST((names() == Names{"a", "a.part"}));
        file.commit();
        BOOST_TEST(contents(folder / "a") == "new and " + std::string(200'000, 'x') + " longer");
    }
    BOOST_TEST((names() == Names{"a"}));
}

BOOST_AUTO_TEST_CASE(is_as_it_was_without_commit) {
    write(folder / "a", "old");
    { AtomicFile(folder / "a").write("new"); }
    BOOST_TEST(contents(folder / "a") == "old");
    { AtomicFile(folder / "b").write("new"); }
    BOOST_TEST((names() == Names{"a"}));
}

BOOST_AUTO_TEST_CASE(removes_what_a_killed_program_left) {
    write(folder / "a.part", "half of a much longer fil");
    fs::create_symlink("elsewhere", folder / "b.part");
    write_whole(folder / "a", "whole"), write_whole(folder / "b", "whole");
    BOOST_TEST(contents(folder / "a") == "whole");
    BOOST_TEST((names() == Names{"a", "b"}));  // and nothing went elsewhere
}

BOOST_AUTO_TEST_CASE(is_written_by_one_at_a_time) {
    AtomicFile first(folder / "a");
    first.write("first");
    BOOST_TEST(has(message<FileError>([&] { AtomicFile(folder / "a"); }), "it is being written by another program"));
    first.commit();
    BOOST_TEST(contents(folder / "a") == "first");
    write_whole(folder / "a", "second");
    BOOST_TEST(contents(folder / "a") == "second");
}

BOOST_AUTO_TEST_CASE(has_the_permissions_of_any_file) {
    mode_t const old = ::umask(027);
    write_whole(folder / "a", "new");
    ::umask(old);
    BOOST_TEST(mode(folder / "a") == 0640u);
    ::chmod((folder / "a").c_str(), 0604);
    write_whole(folder / "a", "again");
    BOOST_TEST(mode(folder / "a") == 0604u);
}

BOOST_AUTO_TEST_CASE(goes_through_symbolic_links) {
    fs::create_directory(folder / "there");
    fs::create_symlink("there/b", folder / "a");
    fs::create_symlink(folder / "a", folder / "again");
    write_whole(folder / "again", "one");  // where there is none yet
    BOOST_TEST(contents(folder / "there/b") == "one");
    write_whole(folder / "a", "two");
    BOOST_TEST(contents(folder / "there/b") == "two");
    BOOST_TEST((fs::is_symlink(folder / "a") && fs::is_symlink(folder / "again")));
    fs::create_symlink("circle", folder / "circle");
    BOOST_CHECK_THROW(AtomicFile(folder / "circle"), FileError);
}

BOOST_AUTO_TEST_CASE(says_why_it_cannot_be_written) {
    auto const why = [&](fs::path const& path) { return message<FileError>([&] { write_whole(path, "x"); }); };
    fs::create_directory(folder / "folder");
    BOOST_TEST(has(why(folder / "folder"), "folder: it is a folder"));
    BOOST_TEST(has(why(folder / "none/a"), "none/a: No such file or directory"));
    BOOST_TEST(has(why("/dev/full"), "cannot write /dev/full: it is not a regular file"));
    BOOST_TEST(has(why(""), "cannot write \"\": No such file or directory"));
    fs::create_directory(folder / "b.part");
    BOOST_TEST(has(why(folder / "b"), "b.part is in the way: Is a directory"));
    BOOST_TEST((names() == Names{"b.part", "folder"}));
    if (::geteuid() == 0) return;  // may write anything
    write(folder / "a", "old");
    ::chmod((folder / "a").c_str(), 0444);
    BOOST_TEST(has(why(folder / "a"), "a: Permission denied"));
    ::chmod(folder.c_str(), 0555);
    BOOST_TEST(has(why(folder / "c"), "c: Permission denied"));
    ::chmod(folder.c_str(), 0755);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_on_a_full_disk) {
    write(folder / "a", "old");
    Params p(1);
    p.normal("w", {100'000}, 0, 1);
    for (rlim_t room : {rlim_t{0}, rlim_t{100}, rlim_t{200'000}}) {
        FullDisk const full(room);
        BOOST_TEST(has(message<FileError>([&] { save(p, folder / "a"); }), "a: File too large"));
        BOOST_TEST((names() == Names{"a"}));
    }
    BOOST_TEST(contents(folder / "a") == "old");
}

BOOST_AUTO_TEST_CASE(is_in_the_current_folder_where_none_is_named) {
    fs::path const here = fs::current_path();
    fs::current_path(folder);
    write_whole("a", "x");
    fs::current_path(here);
    BOOST_TEST(contents(folder / "a") == "x");
}

BOOST_AUTO_TEST_SUITE_END()
