# Libraries of the system, with the oldest version that was tried. Nothing is downloaded.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(fmt 9.0 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Poco 1.11 REQUIRED COMPONENTS Foundation Net Util)
find_package(RocksDB 7.8 REQUIRED)
find_package(CLI11 2.1 REQUIRED)

pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4>=4.5)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng>=1.6)
pkg_check_modules(OPENJP2 REQUIRED IMPORTED_TARGET libopenjp2>=2.5)
pkg_check_modules(QPDF REQUIRED IMPORTED_TARGET libqpdf>=11.3)
pkg_check_modules(LEPT REQUIRED IMPORTED_TARGET lept>=1.82)
pkg_check_modules(TESSERACT REQUIRED IMPORTED_TARGET tesseract>=5.3)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc>=72)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp>=2.5)
pkg_check_modules(SANE REQUIRED IMPORTED_TARGET sane-backends)
pkg_check_modules(PANGOCAIRO REQUIRED IMPORTED_TARGET pangocairo>=1.50)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus>=3.3)

# OpenCV: core and imgproc only, found by hand. libopencv-dev alone carries the CMake files and drags
# in imgcodecs with GDAL and GDCM: 140 shared libraries at every start of a process.
find_path(OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_CORE opencv_core REQUIRED)
find_library(OPENCV_IMGPROC opencv_imgproc REQUIRED)
add_library(alih_opencv INTERFACE)
target_include_directories(alih_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE})
target_link_libraries(alih_opencv INTERFACE ${OPENCV_IMGPROC} ${OPENCV_CORE})

# CRoaring has no pkg-config file in Debian 12.
find_path(ROARING_INCLUDE roaring/roaring.h REQUIRED)
find_library(ROARING_LIBRARY roaring REQUIRED)
add_library(alih_roaring INTERFACE)
target_include_directories(alih_roaring SYSTEM INTERFACE ${ROARING_INCLUDE})
target_link_libraries(alih_roaring INTERFACE ${ROARING_LIBRARY})
