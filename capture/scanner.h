#pragma once
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>
#include "capture/settings.h"
#include "core/image.h"
#include "core/result.h"
namespace alih::capture {
struct ScanOption { std::string name, value; };
struct ScanRequest { std::string device; std::optional<std::string> source, mode; std::optional<int> dpi; std::vector<ScanOption> options; int max_pages = 0; };
struct DeviceInfo { std::string name, vendor, model, type; std::vector<std::string> sources, modes; std::vector<int> resolutions; };
struct CapturedPage { Image image; std::string pixel_sha256; std::vector<ScanOption> effective; DeviceInfo device; std::string started_at, ended_at; };
enum class BatchEnd { feeder_empty, page_limit, single_sheet, no_paper, stopped, jam, cover_open, device_busy, device_lost, crashed, hung, bad_page };
struct BatchOutcome { BatchEnd end = BatchEnd::device_lost; Message detail; };
std::string_view name(BatchEnd);
class ScanSession { public: static Result<std::unique_ptr<ScanSession>> open(const ScanRequest&, const Settings&, const std::string& program); Result<std::variant<CapturedPage, BatchOutcome>> next(std::stop_token); };
Result<std::vector<DeviceInfo>> list_devices(const Settings&, const std::string& program);
int run_scan_worker(int fd, bool list);
}
