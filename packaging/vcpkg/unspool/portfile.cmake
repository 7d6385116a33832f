# An overlay port: it builds the sources that it lies in.
cmake_path(SET SOURCE_PATH NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../..")

set(arch x86-64-v3)
if(NOT VCPKG_TARGET_ARCHITECTURE STREQUAL "x64")
    set(arch native)
endif()
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}" OPTIONS
    -DUNSPOOL_ARCH=${arch} -DUNSPOOL_WITH_LIBXSMM=OFF -DUNSPOOL_WITH_MPI=OFF -DUNSPOOL_SHARED=OFF
    -DUNSPOOL_TESTS=OFF -DUNSPOOL_EXAMPLES=OFF -DUNSPOOL_BENCHMARKS=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/unspool)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
