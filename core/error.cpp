#include "core/error.h"

namespace alih {
namespace {

struct Row {
  std::string_view name;
  int exit;
  int http;
};

Row row(ErrorCode code) {
  switch (code) {
    case ErrorCode::internal:
      return {"internal", 1, 500};
    case ErrorCode::usage:
      return {"usage", 2, 400};
    case ErrorCode::not_found:
      return {"not_found", 3, 404};
    case ErrorCode::unreadable:
      return {"unreadable", 4, 422};
    case ErrorCode::too_large:
      return {"too_large", 4, 413};
    case ErrorCode::bad_field:
      return {"bad_field", 4, 400};
    case ErrorCode::bad_query:
      return {"bad_query", 4, 400};
    case ErrorCode::bad_setting:
      return {"bad_setting", 4, 400};
    case ErrorCode::duplicate:
      return {"duplicate", 5, 409};
    case ErrorCode::wrong_state:
      return {"wrong_state", 5, 409};
    case ErrorCode::busy:
      return {"busy", 6, 503};
    case ErrorCode::feeder_empty:
      return {"feeder_empty", 6, 503};
    case ErrorCode::paper_jam:
      return {"paper_jam", 6, 503};
    case ErrorCode::cover_open:
      return {"cover_open", 6, 503};
    case ErrorCode::device_lost:
      return {"device_lost", 6, 503};
    case ErrorCode::model_missing:
      return {"model_missing", 6, 503};
    case ErrorCode::disk_full:
      return {"disk_full", 6, 507};
    case ErrorCode::index_missing:
      return {"index_missing", 6, 503};
    case ErrorCode::unavailable:
      return {"unavailable", 6, 503};
    case ErrorCode::timeout:
      return {"timeout", 6, 504};
    case ErrorCode::stopped:
      return {"stopped", 6, 503};
    case ErrorCode::damaged:
      return {"damaged", 7, 500};
    case ErrorCode::unauthorized:
      return {"unauthorized", 6, 401};
    case ErrorCode::forbidden:
      return {"forbidden", 6, 403};
  }
  return {"internal", 1, 500};
}

}  // namespace

Error Error::within(const Message& place) && {
  message.id = place.id + ": " + message.id;
  message.en = place.en + ": " + message.en;
  return std::move(*this);
}

int exit_code(ErrorCode code) { return row(code).exit; }
int http_status(ErrorCode code) { return row(code).http; }
std::string_view code_name(ErrorCode code) { return row(code).name; }

ErrorCode code_from_name(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::forbidden); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (row(code).name == name) return code;
  }
  return ErrorCode::internal;
}

}  // namespace alih
