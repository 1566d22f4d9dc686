#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>

#include "access/policy.h"
#include "api/handlers.h"
#include "core/version.h"
#include "pipeline/backup.h"

// Numbers of the machine and the work for Prometheus, in its text format 0.0.4. None of them tells
// of a holding: what is closed is not counted here.
namespace alih::api {
namespace {

class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
  }
  // label and value are words of our own: nothing to escape.
  void sample(auto number, std::string_view label = "", std::string_view value = "") {
    text_ << name_;
    if (!label.empty()) text_ << '{' << label << "=\"" << value << "\"}";
    text_ << ' ' << number << '\n';
  }
  void gauge(std::string_view name, std::string_view help, auto number) {
    family(name, "gauge", help);
    sample(number);
  }
  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::string_view name_;
};

}  // namespace

Response metrics(Service& service, const Request& request) {
  if (!request.local) {
    if (auto may = access::permit(request.subject, access::Action::see_queue); !may) {
      return problem(may.error(), request);
    }
  }
  const auto& holdings = service.holdings;
  Exposition out;
  out.family("alihmedia_build_info", "gauge", "The program's version.");
  out.sample(1, "version", kVersion);

  const auto queue = holdings.queue().stats();
  out.family("alihmedia_pages", "gauge", "Pages in the queue, by state.");
  out.sample(queue.pending - std::min(queue.pending, queue.running), "state", "waiting");
  out.sample(queue.running, "state", "running");
  out.sample(queue.set_aside, "state", "failed");
  out.gauge("alihmedia_paused", "1 while the queue stands still by order.",
            static_cast<int>(holdings.paused()));
  out.gauge("alihmedia_workers", "Pages that are worked on at once.",
            holdings.settings().pipeline.workers);
  out.gauge("alihmedia_page_work_seconds",
            "Mean work a page, over the last fifty or so; 0 = unknown.", holdings.seconds_a_page());

  const auto lines = holdings.lines_read();
  const auto kernel = holdings.fast_kernel();
  out.family("alihmedia_fast_lstm_in_use", "gauge", "1 when lines are read the fast way.");
  out.sample(static_cast<int>(!kernel.empty() && holdings.settings().ocr.fast_lstm != "off"),
             "kernel", kernel.empty() ? "none" : kernel);
  out.family("alihmedia_lines_read_total", "counter", "Lines read, by the way they were read.");
  out.sample(lines.fast, "way", "fast");
  out.sample(lines.slow, "way", "slow");
  out.family("alihmedia_lines_checked_total", "counter", "Lines read both ways and compared.");
  out.sample(lines.checked);
  out.family("alihmedia_line_differences_total", "counter",
             "Lines that the two ways read differently: must stay 0.");
  out.sample(lines.differences);

  const auto free = holdings.files().free_bytes();
  const auto floor = holdings.files().floor_bytes();
  out.gauge("alihmedia_disk_free_bytes", "Free room of the data folder.", free);
  out.gauge("alihmedia_disk_floor_bytes", "Intake stops when less is free.", floor);
  out.gauge("alihmedia_intake_stopped", "1 while nothing is taken in for want of room.",
            static_cast<int>(free < floor));

  const auto patrol = holdings.patrol_state();
  out.gauge("alihmedia_fixity_round_files", "Files checked in this round of the patrol.",
            patrol.checked_files);
  out.gauge("alihmedia_fixity_round_bytes", "Bytes checked in this round of the patrol.",
            patrol.checked_bytes);
  out.gauge("alihmedia_damaged_files", "Files known to be damaged: must be 0.",
            holdings.database().damage(std::nullopt).size());
  out.gauge("alihmedia_backup_overdue", "1 when the last backup is too old.",
            static_cast<int>(pipeline::backup_state(holdings).overdue));

  Response r;
  r.type = "text/plain; version=0.0.4; charset=utf-8";
  r.body = out.text();
  return r;
}

}  // namespace alih::api
