#include "indexer/store_error.h"

#include <rocksdb/status.h>

namespace alih::indexer {

Error database_error(const rocksdb::Status& status) {
  if (status.IsNoSpace()) {
    return {ErrorCode::disk_full, message("Diska penuh; kosongkan ruang, lalu ulangi",
                                          "The disk is full; make room and try again")};
  }
  if (status.IsCorruption()) {
    return {ErrorCode::damaged,
            message("Basis data rusak: {}. Jalankan alihmedia rebuild",
                    "The database is damaged: {}. Run alihmedia rebuild", {status.ToString()})};
  }
  return {ErrorCode::unavailable, message("Basis data: {}", "Database: {}", {status.ToString()})};
}

}  // namespace alih::indexer
