# The lists of shapes that `lrcn bench` measures. In the build tree they lie where the programs and
# the tests find them as they do when installed.
set(shape_folder "${CMAKE_INSTALL_DATADIR}/lrcn/shapes")
file(GLOB shape_lists CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tools/bench/shapes/*.csv")
foreach(list IN LISTS shape_lists)
  get_filename_component(name "${list}" NAME)
  configure_file("${list}" "${PROJECT_BINARY_DIR}/${shape_folder}/${name}" COPYONLY)
endforeach()
install(FILES ${shape_lists} DESTINATION ${shape_folder})
set_source_files_properties(tools/bench/shape_list.cpp PROPERTIES
  COMPILE_DEFINITIONS "LRCN_SHAPE_FOLDER=\"${shape_folder}\"")
