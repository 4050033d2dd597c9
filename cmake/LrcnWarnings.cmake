# Warnings for our own sources, as an interface target so that consumers do not inherit them.
# Two are off, because g++ 12 gives them at -O3 for correct uses of std::string: -Wrestrict (GCC bug 105651)
# and -Wmaybe-uninitialized (105562). A third is off because designated initialisers leave out fields on purpose.
add_library(lrcn_warnings INTERFACE)
target_compile_options(lrcn_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wno-restrict -Wno-maybe-uninitialized
    -Wno-missing-field-initializers>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${LRCN_WARNINGS_AS_ERRORS}>>:-Werror>)
