# Install and export, so that find_package(lrcn CONFIG) gives lrcn::core ... lrcn::models.
include(CMakePackageConfigHelpers)

set(floors core kernels layers models)
foreach(floor IN LISTS floors)
  install(TARGETS lrcn_${floor} EXPORT lrcn-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${floor}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lrcn/${floor}
          FILES_MATCHING PATTERN "*.h" PATTERN "emulator" EXCLUDE)
endforeach()
if(LRCN_TOOLS)
  install(TARGETS lrcn RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY tools/configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/lrcn/configs)
endif()
install(EXPORT lrcn-targets NAMESPACE lrcn:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lrcn)
configure_package_config_file(cmake/lrcn-config.cmake.in lrcn-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lrcn)
write_basic_package_version_file(lrcn-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lrcn-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/lrcn-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lrcn)
