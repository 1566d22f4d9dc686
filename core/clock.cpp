#include "core/clock.h"

#include <chrono>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

namespace alih {

std::string utc_now() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(floor<milliseconds>(now - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

namespace {
std::tm local(std::time_t at) {
  std::tm parts{};
  localtime_r(&at, &parts);
  return parts;
}
std::tm local_now() { return local(std::time(nullptr)); }
std::string date(const std::tm& t) {
  return fmt::format("{:04}-{:02}-{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
}
}  // namespace

std::string local_date() { return date(local_now()); }

std::string local_date_of(const std::string& utc) {
  std::tm parts{};
  // The fraction of a second does not change the day.
  if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return {};
  return date(local(::timegm(&parts)));
}

double utc_seconds(const std::string& utc) {
  std::tm parts{};
  const char* const rest = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return -1;
  const double whole = static_cast<double>(::timegm(&parts));
  return *rest == '.' ? whole + std::strtod(("0" + std::string(rest)).c_str(), nullptr) : whole;
}

int local_year() { return local_now().tm_year + 1900; }

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace alih
