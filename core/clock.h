#pragma once

#include <string>

namespace alih {

// "2026-11-24T04:12:28.123Z". UTC; for display and records, never for leases or order. Any thread.
[[nodiscard]] std::string utc_now();
// "2026-11-24" and 2026, local time of the machine: the date that a person writes in a register.
[[nodiscard]] std::string local_date();
[[nodiscard]] int local_year();
// The local day of a time as utc_now() gives it; empty when it is none.
[[nodiscard]] std::string local_date_of(const std::string& utc);
// Seconds since 1970 of a time as utc_now() gives it; negative when it is none.
[[nodiscard]] double utc_seconds(const std::string& utc);
// Seconds of a clock that never goes back.
[[nodiscard]] double monotonic_seconds();

}  // namespace alih
