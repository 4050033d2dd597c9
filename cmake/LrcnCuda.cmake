# Finds CUDA and teaches CMake 3.25 that nvcc 13 knows C++20 (it silently uses C++17 otherwise). With
# LRCN_CUDA=EMULATE the kernels are compiled by the C++ compiler and no CUDA is needed.
set(LRCN_HAS_CUDA OFF)
set(LRCN_CUDA_EMULATED OFF)

if(LRCN_CUDA STREQUAL "EMULATE")
  find_path(BOOST_CONTEXT_INCLUDE_DIR boost/context/fiber.hpp REQUIRED)
  find_library(BOOST_CONTEXT_LIBRARY boost_context REQUIRED)
  set(LRCN_HAS_CUDA ON)
  set(LRCN_CUDA_EMULATED ON)
elseif(NOT LRCN_CUDA STREQUAL "OFF")
  include(CheckLanguage)
  include(LrcnArchitectures)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES "80-real;90-real;90-virtual")
  endif()
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
    list(APPEND CMAKE_CUDA_COMPILE_FEATURES cuda_std_20)
    set(CMAKE_CUDA20_COMPILE_FEATURES cuda_std_20)
    set(CMAKE_CUDA_STANDARD 20)
    set(LRCN_HAS_CUDA ON)
    lrcn_lowest_architecture(LRCN_CUDA_LOWEST)
    # Products are fused into sums where a kernel says so (std::fma) and nowhere else: the same
    # rounding as on the CPU. constexpr functions of the standard library may run on the device.
    add_compile_options(
      "$<$<COMPILE_LANGUAGE:CUDA>:--fmad=false;--expt-relaxed-constexpr;-Xcompiler=-Wall,-Wextra>"
      "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${LRCN_WARNINGS_AS_ERRORS}>>:-Werror=all-warnings>")
  elseif(LRCN_CUDA STREQUAL "ON")
    message(FATAL_ERROR "LRCN_CUDA=ON, but no CUDA compiler was found. "
                        "Put nvcc on PATH or set CMAKE_CUDA_COMPILER.")
  endif()
endif()
message(STATUS "lrcn: CUDA kernels ${LRCN_HAS_CUDA}, emulated ${LRCN_CUDA_EMULATED}")
