# What the libraries stand on: included by the tree and by the installed package, so that both look for the same things.
find_package(Threads REQUIRED)
find_package(xtensor 0.24 REQUIRED)
find_package(xsimd 8.1 REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)
find_package(OpenBLAS REQUIRED)

if(NOT TARGET OpenBLAS::OpenBLAS)    # distributions ship a package that sets variables only
    add_library(OpenBLAS::OpenBLAS INTERFACE IMPORTED)
    target_include_directories(OpenBLAS::OpenBLAS INTERFACE ${OpenBLAS_INCLUDE_DIRS})
    target_link_libraries(OpenBLAS::OpenBLAS INTERFACE ${OpenBLAS_LIBRARIES})
endif()

# oneDNN is optional. Not by its own CMake package, which asks for OpenCL as well.
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp)
find_library(DNNL_LIBRARY dnnl)
if(DNNL_INCLUDE_DIR AND DNNL_LIBRARY AND NOT TARGET DNNL::dnnl)
    add_library(DNNL::dnnl INTERFACE IMPORTED)
    target_include_directories(DNNL::dnnl INTERFACE ${DNNL_INCLUDE_DIR})
    target_link_libraries(DNNL::dnnl INTERFACE ${DNNL_LIBRARY} gomp)    # its threads are those of GNU's OpenMP
endif()
