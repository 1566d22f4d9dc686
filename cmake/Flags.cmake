# Flags for every target of ours, on one interface target and never in CMAKE_CXX_FLAGS.
add_library(alih_build_flags INTERFACE)
target_include_directories(alih_build_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(alih_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Wundef -Wextra-semi
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast>
  $<$<BOOL:${ALIH_WERROR}>:-Werror>)
# Sanitizers make an optimised source three times as dear to compile: only the modules and sources that
# tests ask for much work.
set(ALIH_SANITIZE_OPTIMISED processing ocr access/throttle.cpp core/correction.cpp core/edit_distance.cpp core/geometry.cpp core/image.cpp
  indexer/analyzer.cpp indexer/cursor.cpp indexer/inverter.cpp indexer/keyed_segment.cpp indexer/language.cpp
  indexer/matching.cpp indexer/merge.cpp indexer/micro_segment.cpp indexer/postings.cpp indexer/segment.cpp)
# Modules of which a fuzzer sees which ways its input takes.
set(ALIH_FUZZED config core indexer ocr processing)
if(ALIH_SANITIZE)
  target_compile_options(alih_build_flags INTERFACE
    -fsanitize=${ALIH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(alih_build_flags INTERFACE -fsanitize=${ALIH_SANITIZE})
  target_compile_definitions(alih_build_flags INTERFACE ALIH_SANITIZED=1)
endif()
if(ALIH_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # ccache gives back what it made of the same headers at another time.
  target_compile_options(alih_build_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
find_program(ALIH_LLD ld.lld)
if(ALIH_LLD)
  target_link_options(alih_build_flags INTERFACE -fuse-ld=lld)
endif()
