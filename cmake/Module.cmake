# alih_module(name SOURCES ... [HEADERS ...] [DEPS alih::x ...] [THIRD_PARTY targets ...])
#
# One static library a folder. Libraries of others link PRIVATE: they live in one folder and cross
# its border as our own types.
#
# Every header stands alone: x.cpp proves it of x.h, which it includes first (the include-graph test
# sees to it); a header without a source of its own is compiled by itself.
function(alih_module name)
  cmake_parse_arguments(A "" "" "SOURCES;HEADERS;DEPS;THIRD_PARTY" ${ARGN})
  set(lone ${A_HEADERS})
  list(TRANSFORM A_SOURCES REPLACE "\\.cpp$" ".h" OUTPUT_VARIABLE proven)
  list(REMOVE_ITEM lone ${proven})
  list(REMOVE_ITEM A_HEADERS ${lone})
  add_library(alih_${name} STATIC ${A_SOURCES})
  add_library(alih::${name} ALIAS alih_${name})
  target_sources(alih_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${A_HEADERS}
                 PUBLIC FILE_SET lone TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${lone})
  set_target_properties(alih_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON
                        INTERFACE_HEADER_SETS_TO_VERIFY lone)
  target_link_libraries(alih_${name} PUBLIC alih_build_flags ${A_DEPS} PRIVATE ${A_THIRD_PARTY})
  if(ALIH_SANITIZE AND name IN_LIST ALIH_SANITIZE_OPTIMISED)
    target_compile_options(alih_${name} PRIVATE -O1)
  elseif(ALIH_SANITIZE)
    foreach(source IN LISTS A_SOURCES)
      if("${name}/${source}" IN_LIST ALIH_SANITIZE_OPTIMISED)
        set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS -O1 SKIP_PRECOMPILE_HEADERS ON)
      endif()
    endforeach()
  endif()
  if(ALIH_BUILD_FUZZ AND name IN_LIST ALIH_FUZZED)
    target_compile_options(alih_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(ALIH_PRECOMPILE)
    target_precompile_headers(alih_${name} PRIVATE ${ALIH_PRECOMPILE})
  endif()
endfunction()
