# lrcn_add_floor(NAME): one static library for a folder of the floor plan, sources found by GLOB.
#
# core/cuda and kernels/cuda are compiled only with CUDA; where CUDA is emulated, by the C++ compiler
# and with core/cuda/emulated in place of the sources that call the CUDA runtime.
set(LRCN_FLOORS core kernels layers models tools)

function(lrcn_add_floor name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/tools/lrcn\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_opencv\\.cpp$")  # modules of their own: LrcnImageModule
  if(LRCN_HAS_CUDA)
    file(GLOB_RECURSE cuda_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cu")
    list(APPEND sources ${cuda_sources})
  else()
    list(FILTER sources EXCLUDE REGEX "/(core|kernels)/cuda/")
  endif()
  if(NOT LRCN_HAS_ONEDNN)
    list(FILTER sources EXCLUDE REGEX "/kernels/cpu/(onednn|convolution_)[a-z_]*\\.cpp$")
  endif()
  if(LRCN_HAS_JSON)
    list(FILTER sources EXCLUDE REGEX "/core/io/json_absent\\.cpp$")
  else()
    list(FILTER sources EXCLUDE REGEX "/core/io/json\\.cpp$")
  endif()
  if(NOT LRCN_HAS_CUDNN)
    list(FILTER sources EXCLUDE REGEX "/kernels/cuda/cudnn/")
  endif()
  if(NOT LRCN_HAS_CUBLAS)
    list(FILTER sources EXCLUDE REGEX "/kernels/cuda/cublas/")
  endif()
  if(LRCN_CUDA_EMULATED)
    list(FILTER sources EXCLUDE REGEX "/core/cuda/[a-z_]+\\.cpp$")
    # Contracted where the source says so, as nvcc is told to.
    foreach(source IN LISTS cuda_sources)
      set_source_files_properties(${source} PROPERTIES LANGUAGE CXX
        COMPILE_OPTIONS "-ffp-contract=off;-Wno-unknown-pragmas")
    endforeach()
    set(emulator_sources ${sources})
    list(FILTER emulator_sources INCLUDE REGEX "/kernels/cuda/emulator/")
    # Emulated threads switch at every operation of a warp; guarded variables make that slow.
    if(LRCN_SANITIZE MATCHES "address")
      set_source_files_properties(${emulator_sources} PROPERTIES
        COMPILE_OPTIONS "-O2;$<$<CXX_COMPILER_ID:GNU>:--param=asan-stack=0>")
    endif()
    # ThreadSanitizer watches the kernels, not the fibers they run on.
    if(LRCN_SANITIZE MATCHES "thread")
      set_source_files_properties(${emulator_sources} PROPERTIES
        COMPILE_OPTIONS "-fno-sanitize=thread" COMPILE_DEFINITIONS LRCN_EMULATOR_RACES=1)
    endif()
  else()
    list(FILTER sources EXCLUDE REGEX "/core/cuda/emulated/|/kernels/cuda/emulator/")
  endif()

  set(target lrcn_${name})
  add_library(${target} STATIC ${sources})
  add_library(lrcn::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/lrcn>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:lrcn_warnings>)
  if(LRCN_NATIVE)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-march=native>)
  endif()

  if(name STREQUAL "core")
    target_link_libraries(${target} PUBLIC Threads::Threads OpenMP::OpenMP_CXX
                          PRIVATE $<BUILD_INTERFACE:$<TARGET_NAME_IF_EXISTS:nlohmann_json::nlohmann_json>>)
    if(LRCN_HAS_CUDA AND NOT LRCN_CUDA_EMULATED)
      target_link_libraries(${target} PRIVATE CUDA::cudart_static)
      target_compile_definitions(${target} PRIVATE LRCN_CUDA_LOWEST=${LRCN_CUDA_LOWEST})
    endif()
    target_compile_definitions(${target}
      PUBLIC LRCN_HAS_CUDA=$<BOOL:${LRCN_HAS_CUDA}>
             LRCN_CUDA_EMULATED=$<BOOL:${LRCN_CUDA_EMULATED}>
      PRIVATE LRCN_VERSION="${PROJECT_VERSION}")
  elseif(name STREQUAL "kernels")
    # Without errno, square roots are vector instructions; no result changes.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno>)
    target_link_libraries(${target} PUBLIC lrcn_core)
    target_compile_definitions(${target}
      PUBLIC LRCN_HAS_ONEDNN=$<BOOL:${LRCN_HAS_ONEDNN}>
      PRIVATE LRCN_HAS_CUDNN=$<BOOL:${LRCN_HAS_CUDNN}> LRCN_HAS_CUBLAS=$<BOOL:${LRCN_HAS_CUBLAS}>)
    if(LRCN_HAS_ONEDNN)
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:lrcn_dnnl>
                            $<LINK_ONLY:${DNNL_LIBRARY}>)
    endif()
    if(LRCN_CUDA_EMULATED)
      target_link_libraries(${target} PRIVATE $<LINK_ONLY:${BOOST_CONTEXT_LIBRARY}>)
    elseif(LRCN_HAS_CUDA)
      target_link_libraries(${target} PRIVATE CUDA::cudart_static $<BUILD_INTERFACE:lrcn_nvidia>)
      set_source_files_properties(kernels/cuda/shared_library.cpp PROPERTIES COMPILE_DEFINITIONS
        "LRCN_CUDNN_FILE=\"${LRCN_CUDNN_FILE}\";LRCN_CUBLASLT_FILE=\"${LRCN_CUBLAS_FILE}\";LRCN_CUBLASLT_NAME=\"libcublasLt.so.${CUDAToolkit_VERSION_MAJOR}\"")
    endif()
  elseif(name STREQUAL "layers")
    target_link_libraries(${target} PUBLIC lrcn_kernels)
  elseif(name STREQUAL "models")
    target_link_libraries(${target} PUBLIC lrcn_layers)
  elseif(name STREQUAL "tools")
    target_link_libraries(${target} PUBLIC lrcn_models PRIVATE JPEG::JPEG PNG::PNG OpenSSL::Crypto
                          tomlplusplus::tomlplusplus CLI11::CLI11 nlohmann_json::nlohmann_json)
    target_compile_definitions(${target} PRIVATE TOML_HEADER_ONLY=0)
    # What `lrcn doctor` tells of the build.
    string(TOUPPER "${CMAKE_BUILD_TYPE}" configuration)
    string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${configuration}}" flags)
    if(LRCN_NATIVE)
      string(APPEND flags " -march=native")
    endif()
    set_source_files_properties(tools/cli/doctor_build.cpp PROPERTIES COMPILE_DEFINITIONS
      "LRCN_VERSION=\"${PROJECT_VERSION}\";LRCN_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\";LRCN_BUILD_FLAGS=\"${flags}\"")
    set_source_files_properties(tools/cli/doctor_libraries.cpp PROPERTIES
      INCLUDE_DIRECTORIES "${OPENCV_INCLUDE_DIR}")  # for OpenCV's version alone
  endif()
endfunction()
