# Third-party libraries, all Debian packages (tools/packages.txt).
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)

# oneDNN: found by hand, because its CMake package asks for OpenCL headers that we do not use.
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
add_library(lrcn_dnnl INTERFACE)
target_include_directories(lrcn_dnnl SYSTEM INTERFACE $<BUILD_INTERFACE:${DNNL_INCLUDE_DIR}>)
target_link_libraries(lrcn_dnnl INTERFACE ${DNNL_LIBRARY})

find_package(nlohmann_json 3.11 REQUIRED)

if(LRCN_TOOLS)
  # Debian's OpenCVConfig.cmake is only in the package of the whole of OpenCV.
  find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  add_library(lrcn_opencv INTERFACE)
  target_include_directories(lrcn_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
  foreach(module core imgproc imgcodecs)
    find_library(OPENCV_${module}_LIBRARY opencv_${module} REQUIRED)
    target_link_libraries(lrcn_opencv INTERFACE ${OPENCV_${module}_LIBRARY})
  endforeach()
  find_package(JPEG REQUIRED)
  find_package(PNG REQUIRED)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
  find_package(tomlplusplus REQUIRED)
  find_package(CLI11 REQUIRED)
endif()

if(LRCN_TESTS)
  find_package(GTest REQUIRED)
endif()
