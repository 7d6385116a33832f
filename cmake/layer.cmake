# unspool_layer(<layer> ...): the library of one directory and of its rooms, ${rooms_of_<layer>}. The rest goes to target_link_libraries.

# `#include <unspool/ops/ops.hpp>` means the same file in the tree as once installed, and every target has a directory of its own:
# what a layer does not link, it cannot include.
function(unspool_includes target scope directory link)
    set(include ${PROJECT_BINARY_DIR}/include/${directory})
    cmake_path(GET link PARENT_PATH parent)
    cmake_path(GET link FILENAME source)
    file(MAKE_DIRECTORY ${include}/${parent})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${source} ${include}/${link} SYMBOLIC)
    target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${include}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()

function(unspool_layer layer)
    list(TRANSFORM rooms_of_${layer} PREPEND ${layer}/ OUTPUT_VARIABLE folders)
    list(TRANSFORM folders APPEND /*.cpp)
    file(GLOB sources CONFIGURE_DEPENDS ${folders})
    if(NOT sources)
        set(sources ${PROJECT_BINARY_DIR}/empty.cpp)    # a layer may consist of headers only
        file(CONFIGURE OUTPUT ${sources} CONTENT "")
    endif()
    add_library(unspool_${layer} ${sources})
    add_library(unspool::${layer} ALIAS unspool_${layer})
    unspool_includes(unspool_${layer} PUBLIC ${layer} unspool/${layer})
    target_compile_features(unspool_${layer} PUBLIC cxx_std_20)
    target_link_libraries(unspool_${layer} ${ARGN})
    set_target_properties(unspool_${layer} PROPERTIES EXPORT_NAME ${layer} POSITION_INDEPENDENT_CODE ON)
endfunction()
