# What the libraries stand on: included by the tree and by the installed package, so that both look for the same things.
find_package(Threads REQUIRED)
find_package(xtensor 0.24 REQUIRED)

# From 0.26 on, xtensor's headers are in folders by kind; those of the library and of users include them as before.
if(xtensor_VERSION VERSION_GREATER_EQUAL 0.26)
    get_target_property(folders xtensor INTERFACE_INCLUDE_DIRECTORIES)
    foreach(folder IN LISTS folders)
        file(GLOB headers RELATIVE ${folder} ${folder}/xtensor/*/*.hpp)
        foreach(header IN LISTS headers)
            cmake_path(GET header FILENAME name)
            file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/xtensor_by_name/xtensor/${name} CONTENT "#include <${header}>\n" @ONLY)
        endforeach()
    endforeach()
    target_include_directories(xtensor INTERFACE ${CMAKE_BINARY_DIR}/xtensor_by_name)
endif()

find_package(xsimd REQUIRED)    # 8.1 or later: it takes no other major version for one that is asked for
if(xsimd_VERSION VERSION_LESS 8.1)
    message(FATAL_ERROR "xsimd 8.1 is needed, or later; this is ${xsimd_VERSION}")
endif()
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)
find_package(OpenBLAS REQUIRED)

if(NOT TARGET OpenBLAS::OpenBLAS)    # distributions ship a package that sets variables only, in Debian 13 to folders that are not there
    find_path(OPENBLAS_INCLUDE_DIR cblas.h HINTS ${OpenBLAS_INCLUDE_DIRS} PATH_SUFFIXES openblas-pthread openblas REQUIRED)
    cmake_path(GET OpenBLAS_LIBRARIES PARENT_PATH folder)
    find_library(OPENBLAS_LIBRARY openblas HINTS ${folder} REQUIRED)
    add_library(OpenBLAS::OpenBLAS INTERFACE IMPORTED)
    target_include_directories(OpenBLAS::OpenBLAS INTERFACE ${OPENBLAS_INCLUDE_DIR})
    target_link_libraries(OpenBLAS::OpenBLAS INTERFACE ${OPENBLAS_LIBRARY})
endif()

# xtensor-blas is headers only, and looks for BLAS and LAPACK itself: both are in OpenBLAS.
block()
    set(BLA_VENDOR OpenBLAS)
    find_package(xtensor-blas 0.20 REQUIRED)
endblock()

# libxsmm is optional. It has no CMake package.
find_path(LIBXSMM_INCLUDE_DIR libxsmm.h PATH_SUFFIXES libxsmm)
find_library(LIBXSMM_LIBRARY xsmm)
if(LIBXSMM_INCLUDE_DIR AND LIBXSMM_LIBRARY AND NOT TARGET libxsmm::libxsmm)
    add_library(libxsmm::libxsmm INTERFACE IMPORTED)
    target_include_directories(libxsmm::libxsmm INTERFACE ${LIBXSMM_INCLUDE_DIR})
    target_link_libraries(libxsmm::libxsmm INTERFACE ${LIBXSMM_LIBRARY} OpenBLAS::OpenBLAS ${CMAKE_DL_LIBS} Threads::Threads m)
endif()
