# cpack makes a Debian package of what is installed: libunspool-dev for processors since 2013 or so (-DUNSPOOL_ARCH=x86-64-v3), libunspool-x86-64-dev
# for all, and one for this processor, which none but this machine may want. They hold the same files, so one is installed at a time.
if(UNSPOOL_ARCH STREQUAL x86-64-v3)
    set(CPACK_PACKAGE_NAME libunspool-dev)
else()
    set(CPACK_PACKAGE_NAME libunspool-${UNSPOOL_ARCH}-dev)
    set(CPACK_DEBIAN_PACKAGE_PROVIDES libunspool-dev)
endif()
set(CPACK_DEBIAN_PACKAGE_CONFLICTS libunspool-dev libunspool-x86-64-dev libunspool-native-dev)
list(REMOVE_ITEM CPACK_DEBIAN_PACKAGE_CONFLICTS ${CPACK_PACKAGE_NAME})
list(JOIN CPACK_DEBIAN_PACKAGE_CONFLICTS ", " CPACK_DEBIAN_PACKAGE_CONFLICTS)
set(CPACK_DEBIAN_PACKAGE_REPLACES ${CPACK_DEBIAN_PACKAGE_CONFLICTS})

# Who compiles a program needs the headers that ours include, and links what the static libraries are made of.
file(READ packages.txt needed)
string(REGEX REPLACE ".*# the library\n(.*)\n\n# tests.*" "\\1" needed "${needed}")
string(REPLACE "\n" ", " CPACK_DEBIAN_PACKAGE_DEPENDS "${needed}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ${UNSPOOL_SHARED})
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "graphviz, librsvg2-bin")    # pictures
set(CPACK_DEBIAN_PACKAGE_SUGGESTS   "gdb, libopenmpi-dev")
set(CPACK_DEBIAN_PACKAGE_SECTION    libdevel)

set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGE_VENDOR "The Unspool authors")
set(CPACK_PACKAGE_CONTACT "The Unspool authors <unspool@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
install(FILES LICENSE      DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_PACKAGE_NAME} RENAME copyright)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_PACKAGE_NAME})
include(CPack)
