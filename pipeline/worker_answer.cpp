#include "pipeline/worker_answer.h"

#include <array>

#include "core/json.h"
#include "core/records.h"
#include "pipeline/orthography.h"

namespace alih::pipeline {
namespace {

using nlohmann::json;

Result<json> read_answer(const std::string& answer) {
  auto j = json::parse(answer, nullptr, false);
  if (j.is_discarded() || !j.is_object()) {
    return fail(ErrorCode::internal, "jawaban proses pengolah tidak terbaca",
                "the worker's answer cannot be read");
  }
  if (const auto e = j.find("error"); e != j.end()) {
    const auto is_text = [&](const char* key) {
      return !e->contains(key) || (*e)[key].is_string();
    };
    if (!e->is_object() || !is_text("code") || !is_text("id") || !is_text("en")) {
      return fail(ErrorCode::internal, "jawaban proses pengolah tidak terbaca",
                  "the worker's answer cannot be read");
    }
    return fail(Error{code_from_name(e->value("code", std::string())),
                      {e->value("id", std::string()), e->value("en", std::string())}});
  }
  return j;
}

tl::unexpected<Error> answer_unreadable(const std::exception& e) {
  return fail(ErrorCode::internal, "jawaban proses pengolah: {}", "the worker's answer: {}",
              {e.what()});
}

}  // namespace

Result<Probed> probed_from(const std::string& text) {
  constexpr std::size_t kMostFrames = 100000;
  ALIH_TRY(const auto answer, read_answer(text));
  try {
    Probed out{answer.at("format").get<std::string>(), answer.at("extension").get<std::string>(),
               answer.at("frames").get<std::size_t>()};
    if (out.frames <= kMostFrames) return out;
    return fail(ErrorCode::internal, "jawaban proses pengolah tidak terbaca",
                "the worker's answer cannot be read");
  } catch (const std::exception& e) {
    return answer_unreadable(e);
  }
}

Result<int> orientation_from(const std::string& text) {
  ALIH_TRY(const auto answer, read_answer(text));
  try {
    return answer.at("orientation").get<int>();
  } catch (const std::exception& e) {
    return answer_unreadable(e);
  }
}

Result<TriedReading> tried_reading_from(const std::string& text) {
  ALIH_TRY(const auto answer, read_answer(text));
  try {
    TriedReading out;
    out.report = {answer.at("possible").get<bool>(), answer.at("kernel").get<std::string>(),
                  answer.at("id").get<std::string>(), answer.at("en").get<std::string>()};
    const auto lines = answer.value("lines", std::array<std::int64_t, 6>{});
    out.lines = {lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]};
    return out;
  } catch (const std::exception& e) {
    return answer_unreadable(e);
  }
}

Status pdf_image_from(const std::string& text) {
  ALIH_CHECK(read_answer(text));
  return {};
}

Result<CheckedFrame> checked_frame_from(const std::string& text) {
  ALIH_TRY(const auto answer, read_answer(text));
  try {
    CheckedFrame out;
    out.width = answer.at("width").get<int>();
    out.height = answer.at("height").get<int>();
    out.dpi = answer.at("dpi").get<double>();
    out.color_mode = answer.at("color_mode").get<std::string>();
    out.bit_depth = answer.at("bit_depth").get<int>();
    out.orientation = answer.at("orientation").get<int>();
    out.pixel_sha256 = answer.at("pixel_sha256").get<std::string>();
    if (answer.contains("split")) {
      ALIH_TRY(const auto findings, findings_from_json(answer.at("split").dump()));
      if (findings.size() == 1) out.split = findings.front();
    }
    if (answer.contains("separator")) {
      ALIH_TRY(out.separator, codes_from_json(answer.at("separator").dump()));
    }
    out.blank = answer.value("blank", false);
    for (const auto& part : answer.value("parts", json::array())) {
      const auto [x, y, width, height] = part.get<std::array<int, 4>>();
      if (x < 0 || y < 0 || width < 1 || height < 1 || x > out.width - width ||
          y > out.height - height) {
        return fail(ErrorCode::internal, "jawaban proses pengolah tidak terbaca",
                    "the worker's answer cannot be read");
      }
      out.parts.push_back({x, y, width, height});
    }
    if (out.parts.size() != 2 || !out.split) out.parts.clear();
    return out;
  } catch (const std::exception& e) {
    return answer_unreadable(e);
  }
}

Result<PageResult> page_result_from(const std::string& text) {
  ALIH_TRY(const auto answer, read_answer(text));
  try {
    PageResult out;
    out.access_width = answer.at("width").get<int>();
    out.access_height = answer.at("height").get<int>();
    out.to_master.m = answer.at("to_master").get<std::array<double, 6>>();
    ALIH_TRY(out.findings, findings_from_json(answer.at("findings").dump()));
    ALIH_TRY(out.codes, codes_from_json(answer.at("codes").dump()));
    out.blank = answer.at("blank").get<bool>();
    ALIH_TRY(out.text, text_from_json(answer.at("text").dump()));
    if (const auto& r = answer.at("reading"); !r.is_null()) {
      out.reading.engine = r.at("engine").get<std::string>();
      out.reading.models = r.at("models").get<std::string>();
      out.reading.settings = r.at("settings").get<std::string>();
      out.reading.variant = r.at("variant").get<std::string>();
      out.reading.confidence = r.at("confidence").get<double>();
      out.reading.words = r.at("words").get<int>();
    }
    out.reading.orthography = orthography_of(out.text);
    return out;
  } catch (const std::exception& e) {
    return answer_unreadable(e);
  }
}

}  // namespace alih::pipeline
