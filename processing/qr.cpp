#include <exception>
#include <string>

#define ZX_USE_UTF8 1
#include <ZXing/BitMatrix.h>
#include <ZXing/MultiFormatWriter.h>

#include "processing/codes.h"

namespace alih::processing {

Result<QrCode> make_qr(std::string_view text) {
  try {
    constexpr int kErrorCorrectionM = 2;  // of ZXing's 0 to 8
    const auto matrix = ZXing::MultiFormatWriter(ZXing::BarcodeFormat::QRCode)
                            .setEncoding(ZXing::CharacterSet::UTF8)
                            .setEccLevel(kErrorCorrectionM)
                            .setMargin(0)
                            .encode(std::string(text), 1, 1);
    QrCode out{matrix.width(), {}};
    for (int y = 0; y < matrix.height(); ++y) {
      for (int x = 0; x < matrix.width(); ++x) out.dark.push_back(matrix.get(x, y));
    }
    return out;
  } catch (const std::exception& e) {
    return fail(ErrorCode::too_large, "Kode QR tidak dapat dibuat: {}",
                "The QR code cannot be made: {}", {e.what()});
  }
}

}  // namespace alih::processing
