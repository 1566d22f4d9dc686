// LD_PRELOAD: the program's wall clock is off by as many seconds as the file $ALIH_CLOCK_SHIFT
// says, a number in binary that may change at any moment, as when somebody sets the computer's
// clock. Clocks that never go back, and the times of files, stay the kernel's.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

const volatile std::int64_t* map_shift() {
  static const std::int64_t none = 0;
  const char* path = std::getenv("ALIH_CLOCK_SHIFT");
  const int fd = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return &none;
  void* place = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return place == MAP_FAILED ? &none : static_cast<const std::int64_t*>(place);
}

std::int64_t shift() {
  static const volatile std::int64_t* const place = map_shift();
  return *place;
}

int kernel_clock(clockid_t clock, timespec* out) {
  static const auto real = reinterpret_cast<ClockGettime>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return real(clock, out);
}

double seconds(const timespec& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const int failed = kernel_clock(clock, out);
  if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    out->tv_sec += shift();
  }
  return failed;
}

int gettimeofday(timeval* __restrict out, void* __restrict) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *out = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// Until a moment of the wall clock, or of the other one: the condition does not tell, but one of
// them is near.
int pthread_cond_timedwait(pthread_cond_t* __restrict condition, pthread_mutex_t* __restrict mutex,
                           const timespec* __restrict until) {
  timespec steady{};
  timespec wall{};
  kernel_clock(CLOCK_MONOTONIC, &steady);
  clock_gettime(CLOCK_REALTIME, &wall);
  const double of_steady = seconds(*until) - seconds(steady);
  const double of_wall = seconds(*until) - seconds(wall);
  const bool is_steady =
      (of_steady < 0 ? -of_steady : of_steady) < (of_wall < 0 ? -of_wall : of_wall);
  timespec when = *until;
  if (!is_steady) {
    when.tv_sec = until->tv_sec - wall.tv_sec + steady.tv_sec;
    when.tv_nsec = until->tv_nsec - wall.tv_nsec + steady.tv_nsec;
    constexpr long kSecond = 1'000'000'000;
    while (when.tv_nsec < 0) {
      when.tv_nsec += kSecond;
      --when.tv_sec;
    }
    while (when.tv_nsec >= kSecond) {
      when.tv_nsec -= kSecond;
      ++when.tv_sec;
    }
    if (when.tv_sec < 0) return ETIMEDOUT;
  }
  return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &when);
}

}  // extern "C"
