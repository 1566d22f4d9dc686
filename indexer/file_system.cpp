#include "indexer/file_system.h"

#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace alih::indexer {
namespace {

rocksdb::Env* other = nullptr;  // never freed: RocksDB's threads may outlive everything else

}  // namespace

void use_file_system(std::shared_ptr<rocksdb::FileSystem> file_system) {
  other = rocksdb::NewCompositeEnv(std::move(file_system)).release();
}

rocksdb::Env* environment() { return other != nullptr ? other : rocksdb::Env::Default(); }

}  // namespace alih::indexer
