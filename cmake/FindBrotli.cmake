# Finds brotli, which comes without a CMake package of its own: Brotli::decoder, and Brotli::encoder where it is there.
find_path(BROTLI_INCLUDE_DIR brotli/decode.h)
find_library(BROTLI_DECODER_LIBRARY brotlidec)
find_library(BROTLI_ENCODER_LIBRARY brotlienc)
find_library(BROTLI_COMMON_LIBRARY brotlicommon)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Brotli
  REQUIRED_VARS BROTLI_DECODER_LIBRARY BROTLI_COMMON_LIBRARY BROTLI_INCLUDE_DIR)
mark_as_advanced(BROTLI_INCLUDE_DIR BROTLI_DECODER_LIBRARY BROTLI_ENCODER_LIBRARY BROTLI_COMMON_LIBRARY)

if(Brotli_FOUND)
  foreach(part DECODER ENCODER)
    string(TOLOWER ${part} name)
    if(BROTLI_${part}_LIBRARY AND NOT TARGET Brotli::${name})
      add_library(Brotli::${name} UNKNOWN IMPORTED)
      set_target_properties(Brotli::${name} PROPERTIES
        IMPORTED_LOCATION ${BROTLI_${part}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${BROTLI_INCLUDE_DIR}
        INTERFACE_LINK_LIBRARIES ${BROTLI_COMMON_LIBRARY})
    endif()
  endforeach()
endif()
