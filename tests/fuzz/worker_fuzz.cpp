// What passes between the service and its page workers, either of which may have gone mad.
#include <cstddef>
#include <cstdint>
#include <string>

#include "pipeline/settings_json.h"
#include "pipeline/worker_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)alih::pipeline::probed_from(text);
  (void)alih::pipeline::orientation_from(text);
  (void)alih::pipeline::checked_frame_from(text);
  (void)alih::pipeline::page_result_from(text);
  if (const auto settings = alih::pipeline::settings_from_json(text)) {
    if (!alih::pipeline::settings_from_json(alih::pipeline::settings_to_json(*settings))) {
      __builtin_trap();
    }
  }
  return 0;
}
