# For Conan 2: it builds the sources that it lies in.
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Unspool(ConanFile):
    name = "unspool"
    description = "Tape-based reverse-mode automatic differentiation for recurrent networks"
    license = "BSD-3-Clause"
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"march": ["native", "x86-64-v3", "x86-64"]}
    default_options = {"march": "x86-64-v3", "openblas/*:build_lapack": True}

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        self.version = re.search(r"project\(Unspool VERSION ([0-9.]+)", load(self, os.path.join(self._root, "CMakeLists.txt")))[1]

    def export_sources(self):
        for what in ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "packages.txt", "unspool.hpp",
                     "cmake/*", "autograd/*", "ops/*", "nn/*"):
            copy(self, what, self._root, self.export_sources_folder)

    def requirements(self):
        headers = {"transitive_headers": True}    # which those of Unspool include
        self.requires("xtensor/[>=0.24 <0.26]", **headers)
        self.requires("xsimd/[>=8.1 <12]", **headers)
        self.requires("xtensor-blas/[>=0.20]")
        self.requires("openblas/[>=0.3.20]")
        self.requires("fmt/[>=9 <12]")
        self.requires("nlohmann_json/[>=3.11]")
        self.requires("boost/[>=1.74]")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update({
            "UNSPOOL_ARCH": str(self.options.march), "UNSPOOL_WITH_LIBXSMM": "OFF", "UNSPOOL_WITH_MPI": "OFF", "UNSPOOL_SHARED": "OFF",
            "UNSPOOL_TESTS": "OFF", "UNSPOOL_EXAMPLES": "OFF", "UNSPOOL_BENCHMARKS": "OFF"})
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "unspool")
        self.cpp_info.set_property("cmake_target_name", "unspool::unspool")
        self.cpp_info.set_property("pkg_config_name", "unspool-static")
        self.cpp_info.libs = ["unspool_nn", "unspool_ops", "unspool_autograd"]
        self.cpp_info.cxxflags = [f"-march={self.options.march}", "-fno-math-errno"]
        self.cpp_info.system_libs = ["dl", "m", "pthread"]
