# NVIDIA's libraries beside our own kernels: headers to compile against. The libraries themselves are
# opened while the program runs (kernels/cuda/shared_library.h), so that it starts without them.
set(LRCN_HAS_CUDNN OFF)
set(LRCN_HAS_CUBLAS OFF)
add_library(lrcn_nvidia INTERFACE)

# lrcn_find_nvidia(NAME HEADER LIBRARY): sets LRCN_HAS_NAME, and LRCN_NAME_FILE to where the library
# is now.
function(lrcn_find_nvidia name header library)
  if(LRCN_${name} STREQUAL "OFF")
    return()
  endif()
  if(NOT LRCN_HAS_CUDA OR LRCN_CUDA_EMULATED)
    if(LRCN_${name} STREQUAL "ON")
      message(FATAL_ERROR "LRCN_${name}=ON needs LRCN_CUDA=ON")
    endif()
    return()
  endif()
  find_path(${name}_INCLUDE_DIR ${header} HINTS ${CUDAToolkit_INCLUDE_DIRS})
  find_library(${name}_LIBRARY ${library} HINTS ${CUDAToolkit_LIBRARY_DIR})
  if(${name}_INCLUDE_DIR)
    target_include_directories(lrcn_nvidia SYSTEM INTERFACE "${${name}_INCLUDE_DIR}")
    set(LRCN_HAS_${name} ON PARENT_SCOPE)
    if(${name}_LIBRARY)
      file(REAL_PATH "${${name}_LIBRARY}" file)
      set(LRCN_${name}_FILE "${file}" PARENT_SCOPE)
    endif()
  elseif(LRCN_${name} STREQUAL "ON")
    message(FATAL_ERROR "LRCN_${name}=ON, but ${header} was not found; set ${name}_INCLUDE_DIR")
  endif()
endfunction()

lrcn_find_nvidia(CUDNN cudnn_graph.h cudnn)  # a header that cuDNN 9 was the first to have
lrcn_find_nvidia(CUBLAS cublasLt.h cublasLt)
if(LRCN_HAS_CUDA AND NOT LRCN_CUDA_EMULATED)
  message(STATUS "lrcn: cuDNN ${LRCN_HAS_CUDNN}, cuBLASLt ${LRCN_HAS_CUBLAS}")
endif()
