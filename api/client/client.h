#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace alih::api {

// Where a running service is and the token of its owner: service.json in the data folder, mode
// 0600.
struct ServiceFile {
  std::string address;
  std::string token;
  int pid = 0;
};
// None when there is no such file or it cannot be read.
[[nodiscard]] std::optional<ServiceFile> read_service_file(const std::filesystem::path& data);
[[nodiscard]] Status write_service_file(const std::filesystem::path& data, const ServiceFile& file);

// Has the service run a verb for this user of the computer, with what the verb asks for; lines are
// passed on as they come. Gives the verb's exit code. Errors: unavailable when nobody listens
// there, stopped when it ended meanwhile, unauthorized.
[[nodiscard]] Result<int> run_in_service(const ServiceFile& service, const std::string& verb,
                                         const std::vector<std::string>& words,
                                         const std::string& cwd, const std::string& os_user,
                                         const std::optional<std::string>& input,
                                         const std::function<void(std::string_view)>& out,
                                         const std::function<void(std::string_view)>& err);

}  // namespace alih::api
