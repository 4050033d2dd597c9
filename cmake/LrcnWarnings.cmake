# Warnings for our own sources, as an interface target so that consumers do not inherit them.
# g++ 12 warns of overlapping strings (-Wrestrict) where a literal is added to a temporary (GCC bug 105651).
add_library(lrcn_warnings INTERFACE)
target_compile_options(lrcn_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wno-restrict>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${LRCN_WARNINGS_AS_ERRORS}>>:-Werror>)
