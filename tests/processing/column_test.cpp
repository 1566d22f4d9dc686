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

// Sentences of our own, each time in another order; as clean as what is read.
PageSpec prose(int paragraphs = 5, double size = 11, const char* font = "Liberation Serif") {
  const std::vector<std::string> sentences{
      "Perpustakaan daerah menyimpan surat kabar lama, peta, dan naskah dari seluruh kabupaten. ",
      "Semua bahan dicatat dalam buku inventaris oleh petugas yang bertugas pada hari itu. ",
      "Setelah itu bahan dipindai, dibaca, dan disimpan. ",
      "Guru sekolah di Luwuk menerima 24 murid baru pada bulan Juli tahun 1936. ",
      "Kapal yang memuat kopra berangkat ke Gorontalo. "};
  PageSpec spec;
  spec.font = font;
  spec.size_pt = size;
  for (int i = 0; i < paragraphs; ++i) {
    std::string text;
    for (int k = 0; k < 7; ++k) {
      text += sentences[static_cast<std::size_t>(i * i + k * (i % 4 + 1)) % sentences.size()];
    }
    spec.paragraphs.push_back(text);
  }
  return spec;
}

// The page of prose with something done to its picture.
bool after(const std::function<void(cv::Mat&)>& change) {
  cv::Mat page = view(draw_page(prose()).image).clone();
  change(page);
  return one_column(to_image(page, 300, 300));
}

TEST(OneColumn, IsProvedOfProseAlone) {
  for (const double size : {8.0, 11.0, 14.0}) {
    for (const auto* font : {"Liberation Serif", "Liberation Mono", "DejaVu Sans"}) {
      EXPECT_TRUE(one_column(draw_page(prose(size > 12 ? 3 : 5, size, font)).image))
          << font << ' ' << size;
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
  auto large = draw_page(prose(2, 11)).image;
  auto title = draw_page(prose(1, 26)).image;  // lines more than twice as high
  cv::Mat page = view(large).clone();
  const int below = page.rows * 2 / 3;
  view(title).rowRange(200, 200 + page.rows - below).copyTo(page.rowRange(below, page.rows));
  EXPECT_FALSE(one_column(to_image(page, 300, 300))) << "large print below";
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
    for (int i = 0; i < 3000; ++i) {
      page.at<std::uint8_t>((i * 7919) % page.rows, (i * 104729) % page.cols) = 0;
    }
  })) << "dirt";
  EXPECT_FALSE(after([](cv::Mat& page) {
    cv::circle(page, {1800, page.rows / 3}, 120, cv::Scalar(0), 12);
  })) << "stamp";
}

}  // namespace
}  // namespace alih::processing
