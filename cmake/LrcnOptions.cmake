# What a person who builds the project can choose.
include(CMakeDependentOption)
include(GNUInstallDirs)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

set(LRCN_CUDA "AUTO" CACHE STRING
    "CUDA kernels: AUTO (when nvcc is found), ON, OFF or EMULATE (run on the CPU, to test them)")
set_property(CACHE LRCN_CUDA PROPERTY STRINGS AUTO ON OFF EMULATE)
set(LRCN_CUDNN "AUTO" CACHE STRING
    "With LRCN_CUDA=ON, cuDNN as a second provider: AUTO (when its headers are found), ON or OFF")
set(LRCN_CUBLAS "AUTO" CACHE STRING "The same for cuBLASLt")
set_property(CACHE LRCN_CUDNN LRCN_CUBLAS PROPERTY STRINGS AUTO ON OFF)
set(LRCN_ONEDNN "AUTO" CACHE STRING
    "oneDNN for the CPU: AUTO (when it is found), ON, or OFF (plain loops: right, but slow)")
set_property(CACHE LRCN_ONEDNN PROPERTY STRINGS AUTO ON OFF)
set(LRCN_JSON "AUTO" CACHE STRING
    "nlohmann/json: AUTO (when it is found), ON, or OFF (a build without tools that reads no JSON)")
set_property(CACHE LRCN_JSON PROPERTY STRINGS AUTO ON OFF)
option(LRCN_TOOLS "Build the command line (needs OpenCV, JSON, TOML and CLI libraries)" ON)
option(LRCN_TESTS "Build the tests (needs GoogleTest)" ON)
option(LRCN_NATIVE "Use every instruction of the processor that builds" ON)
option(LRCN_WARNINGS_AS_ERRORS "Treat warnings as errors" ON)
set(LRCN_GTEST_SOURCE "" CACHE PATH "Sources of GoogleTest, to build it where it is not installed")
set(LRCN_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(LRCN_SANITIZE)
  add_compile_options(-fsanitize=${LRCN_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LRCN_SANITIZE})
endif()
