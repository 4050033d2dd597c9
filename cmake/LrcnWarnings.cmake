# Warnings for our own sources, as an interface target so that consumers do not inherit them.
add_library(lrcn_warnings INTERFACE)
target_compile_options(lrcn_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${LRCN_WARNINGS_AS_ERRORS}>>:-Werror>)
