# Installs headers, libraries and the package that find_package(unspool) reads; tests/install uses it.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/unspool)
set(package     ${PROJECT_BINARY_DIR}/package)

install(TARGETS unspool_autograd unspool_ops unspool_nn unspool EXPORT unspool)
install(EXPORT unspool NAMESPACE unspool:: FILE unspoolTargets.cmake DESTINATION ${package_dir})
install(FILES unspool.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY autograd ops nn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/unspool FILES_MATCHING PATTERN *.hpp)

install(FILES cmake/unspool_gdb.py DESTINATION ${CMAKE_INSTALL_DATADIR}/unspool/gdb RENAME unspool.py)

configure_package_config_file(cmake/unspoolConfig.cmake.in ${package}/unspoolConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${package}/unspoolConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${package}/unspoolConfig.cmake ${package}/unspoolConfigVersion.cmake cmake/dependencies.cmake DESTINATION ${package_dir})
