# Switches shared by every target. The presets in CMakePresets.json set them; nothing else should.
option(CARILLON_TESTS "Build the tests and the fuzz targets' replay" ON)
option(CARILLON_BENCH "Build what the benchmarks compare with (the bench command does)" OFF)
option(CARILLON_WERROR "Treat warnings as errors (CI does)" OFF)
option(CARILLON_FUZZ "Build the libFuzzer targets and only them (clang)" OFF)
option(CARILLON_STATIC "Link everything but libc and libm statically, for the container image" OFF)
set(CARILLON_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined or thread")

# Where ccache is installed a rebuild of what was built before, here or in another clone, is quick.
find_program(CARILLON_CCACHE ccache)
if(CARILLON_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CARILLON_CCACHE})
endif()

# Every later find_library then prefers lib*.a, whoever calls it.
if(CARILLON_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()

# Every target links this: include paths from the repository's root, warnings, sanitizers.
add_library(carillon_options INTERFACE)
target_include_directories(carillon_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(carillon_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Woverloaded-virtual -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # gcc 12 sees overlapping copies where std::string is assigned a literal, and, with a sanitizer,
  # frames of Asio's coroutines freed by another allocator than theirs; gcc 13 does not.
  target_compile_options(carillon_options INTERFACE -Wno-restrict -Wno-mismatched-new-delete)
endif()
if(CARILLON_WERROR)
  target_compile_options(carillon_options INTERFACE -Werror)
endif()
if(CARILLON_STATIC)
  target_compile_options(carillon_options INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(carillon_options INTERFACE
    -static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed)
endif()
if(CARILLON_SANITIZE)
  target_compile_options(carillon_options INTERFACE
    -fsanitize=${CARILLON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(carillon_options INTERFACE -fsanitize=${CARILLON_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(carillon_options INTERFACE
      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/sanitizer_ignore.txt)
  endif()
  if(CARILLON_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences are annotated for gcc's TSan; the warning is about the fence itself.
    target_compile_options(carillon_options INTERFACE -Wno-tsan)
  endif()
endif()
if(CARILLON_FUZZ)
  target_compile_options(carillon_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A fuzz target links this for libFuzzer's main. Only in the fuzz preset; elsewhere the same source
# is linked with a main that replays the corpus.
add_library(carillon_libfuzzer INTERFACE)
target_link_options(carillon_libfuzzer INTERFACE -fsanitize=fuzzer)

# spdlog and fmt, header-only: Debian ships neither as a static library, and the image holds no
# shared ones. Include them in as few units as possible.
add_library(carillon_spdlog INTERFACE)
target_compile_definitions(carillon_spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
find_package(Threads REQUIRED)
target_link_libraries(carillon_spdlog INTERFACE Threads::Threads)
