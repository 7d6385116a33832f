# Installs headers, libraries and the package that find_package(unspool) reads; tests/install uses it.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/unspool)
set(package     ${PROJECT_BINARY_DIR}/package)

install(TARGETS unspool_autograd unspool_ops unspool_nn unspool EXPORT unspool)
if(UNSPOOL_SHARED)
    install(TARGETS unspool_shared EXPORT unspool)
endif()
install(EXPORT unspool NAMESPACE unspool:: FILE unspoolTargets.cmake DESTINATION ${package_dir})
install(FILES unspool.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY autograd ops nn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/unspool FILES_MATCHING PATTERN *.hpp)

if(TARGET unspool_mpi)    # apart, since only those who ask for it need MPI
    install(TARGETS unspool_mpi EXPORT unspool_mpi)
    install(EXPORT unspool_mpi NAMESPACE unspool:: FILE unspoolMpiTargets.cmake DESTINATION ${package_dir})
    install(DIRECTORY mpi DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/unspool FILES_MATCHING PATTERN *.hpp)
    install(FILES cmake/mpi.cmake DESTINATION ${package_dir})
endif()

install(FILES cmake/unspool_gdb.py DESTINATION ${CMAKE_INSTALL_DATADIR}/unspool/gdb RENAME unspool.py)

configure_package_config_file(cmake/unspoolConfig.cmake.in ${package}/unspoolConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${package}/unspoolConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${package}/unspoolConfig.cmake ${package}/unspoolConfigVersion.cmake cmake/dependencies.cmake DESTINATION ${package_dir})

# The same for pkg-config: unspool.pc links the shared library, unspool-static.pc those that it is made of.
if(xtensor_VERSION VERSION_GREATER_EQUAL 0.26)    # see dependencies.cmake
    install(DIRECTORY ${CMAKE_BINARY_DIR}/xtensor_by_name DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/unspool)
    set(by_name " -I\${includedir}/unspool/xtensor_by_name")
endif()
function(unspool_pkg_config name how libs)
    set(pc ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${pc} OUTPUT_VARIABLE prefix)
    list(JOIN instruction_set " " flags)
    string(APPEND flags "${by_name}")
    configure_file(cmake/unspool.pc.in ${package}/${name}.pc @ONLY)
    install(FILES ${package}/${name}.pc DESTINATION ${pc})
endfunction()
get_target_property(libraries unspool_autograd LINK_LIBRARIES)
set(xsmm)
if(libxsmm::libxsmm IN_LIST libraries)
    set(xsmm "-lxsmm ")
endif()
unspool_pkg_config(unspool-static ", static"
    "-lunspool_nn -lunspool_ops -lunspool_autograd -lboost_filesystem -lfmt ${xsmm}-lopenblas -ldl -lm")
if(UNSPOOL_SHARED)
    unspool_pkg_config(unspool "" -lunspool)
endif()
