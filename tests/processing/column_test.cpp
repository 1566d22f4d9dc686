#include "processing/column.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"
#include "tests/support/book.h"
#include "tests/support/drawn_page.h"

namespace alih::processing {
namespace {

using testing_support::draw_page;
using testing_support::PageSpec;

PageSpec prose() { return testing_support::small_book(3)[2]; }

// The page of prose with something done to its picture.
bool after(const std::function<void(cv::Mat&)>& change) {
  auto spec = prose();
  spec.color = false;
  cv::Mat page = view(draw_page(spec).image).clone();
  change(page);
  return one_column(to_image(page, 300, 300));
}

TEST(OneColumn, IsProvedOfProseAlone) {
  for (const double size : {8.0, 11.0, 14.0}) {
    for (const auto* font : {"Liberation Serif", "Liberation Mono", "DejaVu Sans"}) {
      PageSpec spec;
      spec.font = font;
      spec.size_pt = size;
      for (int i = 0; i < 4; ++i) {
        spec.paragraphs.emplace_back(
            "Perpustakaan daerah menyimpan surat kabar lama, peta, dan naskah dari seluruh "
            "kabupaten. "
            "Semua bahan dicatat dalam buku inventaris pada hari yang sama oleh petugas yang "
            "bertugas. "
            "Setelah itu bahan dipindai, dibaca, dan disimpan.");
      }
      EXPECT_TRUE(one_column(draw_page(spec).image)) << font << ' ' << size;
    }
  }
}

TEST(OneColumn, IsNotProvedOfTablesHeadingsAndFewLines) {
  const auto book = testing_support::small_book();
  EXPECT_FALSE(one_column(draw_page(book[0]).image)) << "title";
  EXPECT_FALSE(one_column(draw_page(book[5]).image)) << "budget";
  EXPECT_FALSE(one_column(draw_page({}).image)) << "blank";
  EXPECT_FALSE(one_column(Image()));
  PageSpec few;
  few.paragraphs = {"Hanya dua baris ada di sini.", "Tidak cukup untuk dibuktikan."};
  EXPECT_FALSE(one_column(draw_page(few).image));
  auto heading = prose();
  heading.paragraphs.insert(heading.paragraphs.begin() + 1, "# Bab Kedua");
  heading.paragraphs.resize(4);
  EXPECT_FALSE(one_column(draw_page(heading).image));
}

TEST(OneColumn, IsNotProvedBesideAnythingElse) {
  EXPECT_TRUE(after([](cv::Mat&) {}));
  EXPECT_FALSE(after([](cv::Mat& page) {  // a gutter through all lines
    page.colRange(page.cols / 2, page.cols / 2 + 60).setTo(255);
  })) << "two columns";
  EXPECT_FALSE(after([](cv::Mat& page) {
    cv::line(page, {page.cols - 200, 300}, {page.cols - 200, page.rows - 300}, cv::Scalar(0), 4);
  })) << "upright rule";
  EXPECT_FALSE(after([](cv::Mat& page) {
    cv::rectangle(page, {500, page.rows / 2}, {1500, page.rows / 2 + 500}, cv::Scalar(90),
                  cv::FILLED);
  })) << "picture";
  EXPECT_FALSE(after([](cv::Mat& page) {
    cv::circle(page, {1800, page.rows / 3}, 120, cv::Scalar(0), 12);
  })) << "stamp";
}

}  // namespace
}  // namespace alih::processing
