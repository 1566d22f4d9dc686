#pragma once

#include <string_view>
#include <utility>

#include "core/message.h"

namespace alih {

// Why something could not be done. Add the row in error.cpp too; the compiler asks for it.
enum class ErrorCode {
  internal,       // a bug, or a library in a state that it should not be in
  usage,          // the command was written wrongly
  not_found,      // no such item, page, device or file
  unreadable,     // the file is no image that can be read
  too_large,      // the file breaks a limit
  bad_field,      // a field name or value is not acceptable
  bad_query,      // the search question is malformed
  bad_setting,    // a setting is unknown, of the wrong type or out of range
  duplicate,      // it is there already
  wrong_state,    // the thing is not in a state for this
  busy,           // the data folder or device is in use by someone else
  feeder_empty,   // no paper
  paper_jam,      //
  cover_open,     //
  device_lost,    // the scanner went away, hung or crashed
  model_missing,  // an OCR model that the settings name is not installed
  disk_full,      //
  index_missing,  // files are there, the database is not
  unavailable,    // anything else that may work later
  timeout,        // a deadline passed
  stopped,        // asked to stop
  damaged,        // bytes on disk are not what was written
  unauthorized,   // nobody signed in, or with a wrong password or token
  forbidden,      // known, but may not do this
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  Message message;

  // Adds where it happened: "page 7: write master: disk full".
  [[nodiscard]] Error within(const Message& place) &&;
};

// The exit code of the process (docs: contract of the command line) and the HTTP status.
[[nodiscard]] int exit_code(ErrorCode code);
[[nodiscard]] int http_status(ErrorCode code);
// Stable word for JSON, e.g. "not_found"; and back (internal when unknown).
[[nodiscard]] std::string_view code_name(ErrorCode code);
[[nodiscard]] ErrorCode code_from_name(std::string_view name);

}  // namespace alih
