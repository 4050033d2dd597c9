# The OpenCV codecs (BMP, WebP) as a module that tools/data/image_codecs.cpp opens on demand: linking
# OpenCV costs 75 ms at every start. Include after lrcn_add_floor(tools), whose GLOB takes the source
# of the module for one of its own.
set(module_source "${PROJECT_SOURCE_DIR}/tools/data/image_codecs_opencv.cpp")
get_target_property(tools_sources lrcn_tools SOURCES)
list(REMOVE_ITEM tools_sources "${module_source}")
set_property(TARGET lrcn_tools PROPERTY SOURCES ${tools_sources})

add_library(lrcn_opencv_codecs MODULE "${module_source}")
target_include_directories(lrcn_opencv_codecs PRIVATE "${PROJECT_SOURCE_DIR}")
target_compile_features(lrcn_opencv_codecs PRIVATE cxx_std_20)
target_link_libraries(lrcn_opencv_codecs PRIVATE lrcn_opencv lrcn_warnings)
# In the build tree it lies where the programs and the tests find it as they do when installed.
set_target_properties(lrcn_opencv_codecs PROPERTIES
  PREFIX "" SUFFIX ".so" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/lrcn")
install(TARGETS lrcn_opencv_codecs LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lrcn)

target_compile_definitions(lrcn_tools PRIVATE LRCN_MODULE_FOLDER="${CMAKE_INSTALL_LIBDIR}/lrcn")
target_link_libraries(lrcn_tools PRIVATE ${CMAKE_DL_LIBS})
add_dependencies(lrcn_tools lrcn_opencv_codecs)
