#include "ocr/traineddata.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>

namespace alih::ocr {
namespace {

// Components by the numbers that Tesseract gives them.
constexpr std::size_t kLstm = 17;
constexpr std::size_t kLstmWords = 19;
constexpr std::int64_t kMost = std::int64_t{64} << 20U;

// The parts of a file of strangers: nothing in it is believed.
class File {
 public:
  // None when it is no such file.
  static std::optional<File> open(const std::string& name) {
    // int32 count, then for each component int64 where it starts, -1 = not there.
    constexpr std::int32_t kMostComponents = 1000;
    File out;
    out.in_.open(name, std::ios::binary);
    std::int32_t count = 0;
    out.in_.read(reinterpret_cast<char*>(&count), sizeof count);
    if (!out.in_ || count <= 0 || count > kMostComponents) return {};
    out.starts_.resize(static_cast<std::size_t>(count));
    out.in_.read(reinterpret_cast<char*>(out.starts_.data()),
                 static_cast<std::streamsize>(out.starts_.size() * sizeof(std::int64_t)));
    out.in_.seekg(0, std::ios::end);
    out.size_ = out.in_.tellg();
    if (!out.in_) return {};
    return out;
  }

  [[nodiscard]] std::size_t components() const { return starts_.size(); }
  // In bytes; 0 = it is not there.
  [[nodiscard]] std::int64_t size_of(std::size_t component) const {
    if (component >= starts_.size()) return 0;
    const auto start = starts_[component];
    if (start < 0 || start >= size_) return 0;
    auto end = size_;
    for (const auto other : starts_) {
      if (other > start) end = std::min(end, other);
    }
    return end - start;
  }
  // `to` has room for size_of(component).
  [[nodiscard]] bool read(std::size_t component, char* to) {
    in_.seekg(starts_[component]);
    in_.read(to, size_of(component));
    return static_cast<bool>(in_);
  }

 private:
  std::ifstream in_;
  std::vector<std::int64_t> starts_;
  std::int64_t size_ = 0;
};

}  // namespace

Result<std::vector<std::byte>> read_lstm_component(const std::string& file) {
  auto parts = File::open(file);
  const auto size = parts ? parts->size_of(kLstm) : 0;
  std::vector<std::byte> out(static_cast<std::size_t>(size <= kMost ? size : 0));
  if (out.empty() || !parts->read(kLstm, reinterpret_cast<char*>(out.data()))) {
    return fail(ErrorCode::model_missing, "tidak ada jaringan LSTM yang terbaca di {}",
                "there is no LSTM network to be read in {}", {file});
  }
  return out;
}

bool read_without_words(const char* file, std::vector<char>* out) {
  auto parts = File::open(file);
  if (!parts) return false;
  const auto count = static_cast<std::int32_t>(parts->components());
  std::vector<std::int64_t> starts(parts->components(), -1);
  out->assign(sizeof count + starts.size() * sizeof(std::int64_t), 0);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto size = static_cast<std::size_t>(parts->size_of(i));
    if (i == kLstmWords || size == 0) continue;
    const auto start = out->size();
    if (size > static_cast<std::size_t>(kMost) - start) return false;
    starts[i] = static_cast<std::int64_t>(start);
    out->resize(start + size);
    if (!parts->read(i, out->data() + start)) return false;
  }
  std::memcpy(out->data(), &count, sizeof count);
  std::memcpy(out->data() + sizeof count, starts.data(), starts.size() * sizeof(std::int64_t));
  return true;
}

}  // namespace alih::ocr
