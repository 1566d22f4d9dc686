#pragma once

#include "core/error.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace alih::indexer {

// What a status of RocksDB means to us.
[[nodiscard]] Error database_error(const rocksdb::Status& status);

}  // namespace alih::indexer
