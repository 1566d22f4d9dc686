#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/network.h"
#include "access/session.h"
#include "access/settings.h"
#include "access/throttle.h"
#include "api/http.h"
#include "api/settings.h"
#include "pipeline/holdings.h"
#include "pipeline/page_worker.h"
#include "pipeline/processor.h"
#include "pipeline/refusals.h"

namespace alih::api {

// Who called the command line, by its own word: it has shown the service's token, which only the
// owner of the data folder can read.
struct Caller {
  std::string os_user;
  std::optional<std::string> input;  // what a verb that asks for something was told
};

// Runs a verb of the command line inside the service: its words and the caller's folder in, lines
// and an exit code out. `out` takes standard output, `err` standard error, a line each. The command
// line hands it in, since this folder does not know it.
using VerbRunner =
    std::function<int(const std::vector<std::string>& words, const std::string& cwd,
                      const Caller& caller, const std::function<void(std::string_view)>& out,
                      const std::function<void(std::string_view)>& err)>;

// What handlers work with. Any thread.
struct Service {
  Service(pipeline::Holdings& of, pipeline::Processor& with, std::string own_program,
          std::string own_token, const access::Settings& who)
      : holdings(of),
        processor(with),
        program(std::move(own_program)),
        token(std::move(own_token)),
        access(who),
        sessions(who.session_hours * 3600.0, who.idle_minutes * 60.0),
        refusals(of) {}

  pipeline::Holdings& holdings;
  pipeline::Processor& processor;
  std::string program;
  std::string token;  // for /internal
  VerbRunner run_verb;

  // Who asks: settings, and the networks that they name (prepare()).
  access::Settings access;
  access::Networks networks;
  access::Networks proxies;
  access::Networks loopback;
  std::string public_url;
  access::Throttle throttle;
  access::Sessions sessions;
  pipeline::Refusals refusals;
  // Errors: bad_setting.
  [[nodiscard]] Status prepare();

  // A cached image is made again when it is missing; one page at a time (mutex).
  std::mutex image_mutex;
  std::unique_ptr<pipeline::PageWorker> image_worker;

  std::mutex upload_mutex;  // one piece of an upload at a time
};

// Path of the page's access image or thumbnail in the cache, made again when it was deleted.
[[nodiscard]] Result<std::string> image_file(Service& service, const Page& page,
                                             const std::string& name);
[[nodiscard]] Result<std::string> view_file(Service& service, const Page& page,
                                            pipeline::View view);

// The number in a path, and the item if the viewer may see it: not_found otherwise, so that nobody
// learns what is hidden.
[[nodiscard]] Result<Item> item_for(Service& service, const Request& request,
                                    const std::string& number);
[[nodiscard]] Result<Page> page_for(Service& service, const Item& item, const std::string& number);

}  // namespace alih::api
