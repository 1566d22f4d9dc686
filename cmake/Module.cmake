# alih_module(name SOURCES ... [HEADERS ...] [DEPS alih::x ...] [THIRD_PARTY targets ...])
#
# One static library a folder. Libraries of others link PRIVATE: they live in one folder and cross
# its border as our own types.
function(alih_module name)
  cmake_parse_arguments(A "" "" "SOURCES;HEADERS;DEPS;THIRD_PARTY" ${ARGN})
  add_library(alih_${name} STATIC ${A_SOURCES})
  add_library(alih::${name} ALIAS alih_${name})
  target_sources(alih_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                 FILES ${A_HEADERS})
  set_target_properties(alih_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_link_libraries(alih_${name} PUBLIC alih_build_flags ${A_DEPS} PRIVATE ${A_THIRD_PARTY})
endfunction()
