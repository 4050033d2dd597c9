# The OpenCV codecs (BMP, WebP) as a module that tools/data/image_codecs.cpp opens on demand: linking
# OpenCV costs 75 ms at every start. Include after lrcn_add_floor(tools).
add_library(lrcn_opencv_codecs MODULE "${PROJECT_SOURCE_DIR}/tools/data/image_codecs_opencv.cpp")
target_include_directories(lrcn_opencv_codecs PRIVATE "${PROJECT_SOURCE_DIR}")
target_compile_features(lrcn_opencv_codecs PRIVATE cxx_std_20)
target_link_libraries(lrcn_opencv_codecs PRIVATE lrcn_opencv lrcn_warnings)
# In the build tree it lies as it does when installed, seen from the programs and from the tests.
set_target_properties(lrcn_opencv_codecs PROPERTIES
  PREFIX "" SUFFIX ".so" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/lrcn")
install(TARGETS lrcn_opencv_codecs LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lrcn)

target_link_libraries(lrcn_tools PUBLIC ${CMAKE_DL_LIBS})
target_compile_definitions(lrcn_tools PRIVATE LRCN_MODULE_FOLDER="${CMAKE_INSTALL_LIBDIR}/lrcn")
add_dependencies(lrcn_tools lrcn_opencv_codecs)
