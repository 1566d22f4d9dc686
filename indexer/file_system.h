#pragma once

#include <memory>

namespace rocksdb {
class Env;
class FileSystem;
}  // namespace rocksdb

namespace alih::indexer {

// For tests of failing disks: databases opened from now on read and write through this. Before
// anything is open; not thread-safe. It is kept until the program ends.
void use_file_system(std::shared_ptr<rocksdb::FileSystem> file_system);
[[nodiscard]] rocksdb::Env* environment();

}  // namespace alih::indexer
