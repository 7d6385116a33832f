# unspool::shared: the three libraries as one shared one, libunspool.so, of the same object files. What is not in namespace unspool is
# hidden in it: the libraries that it is made of may be in a program a second time, in other versions.
add_library(unspool_shared SHARED)
add_library(unspool::shared ALIAS unspool_shared)
foreach(layer autograd ops nn)
    get_target_property(libraries unspool_${layer} LINK_LIBRARIES)
    list(FILTER libraries EXCLUDE REGEX "^unspool_")
    target_sources(unspool_shared PRIVATE $<TARGET_OBJECTS:unspool_${layer}>)
    target_link_libraries(unspool_shared PRIVATE ${libraries})
    unspool_includes(unspool_shared INTERFACE ${layer} unspool/${layer})
endforeach()
unspool_includes(unspool_shared INTERFACE all unspool.hpp)
target_link_libraries(unspool_shared INTERFACE xtensor xsimd Threads::Threads)
target_compile_features(unspool_shared INTERFACE cxx_std_20)
target_compile_options(unspool_shared INTERFACE $<TARGET_PROPERTY:unspool_autograd,INTERFACE_COMPILE_OPTIONS>)
target_link_options(unspool_shared PRIVATE -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/exported.map)
set_target_properties(unspool_shared PROPERTIES
    OUTPUT_NAME unspool EXPORT_NAME shared LINKER_LANGUAGE CXX LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exported.map
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})    # before 1.0, a minor version may break
