# The same library and its tests with derivatives that can be made wrong: all sources are compiled with another
# autograd/statement/derivative.hpp in front. Included where the library is made, because properties of its sources hold there.
add_library(unspool_mutants STATIC EXCLUDE_FROM_ALL)
target_include_directories(unspool_mutants PUBLIC ${PROJECT_SOURCE_DIR}/tests/mutation/include)
target_compile_options(unspool_mutants PUBLIC -O1)    # it is compiled more often than it is waited for
foreach(layer autograd ops)
    set(original unspool_${layer})
    get_target_property(libraries ${original} LINK_LIBRARIES)
    list(REMOVE_ITEM libraries unspool_autograd)
    target_sources(unspool_mutants PRIVATE $<FILTER:$<TARGET_PROPERTY:${original},SOURCES>,EXCLUDE,cmake_pch>)
    target_include_directories(unspool_mutants PUBLIC $<TARGET_PROPERTY:${original},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_options(unspool_mutants PUBLIC $<TARGET_PROPERTY:${original},INTERFACE_COMPILE_OPTIONS>)
    target_link_libraries(unspool_mutants PUBLIC ${libraries})
endforeach()
target_compile_features(unspool_mutants PUBLIC cxx_std_20)
