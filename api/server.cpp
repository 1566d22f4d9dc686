#include "api/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <list>
#include <mutex>
#include <sstream>
#include <stop_token>
#include <thread>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>
#include <unistd.h>

#include "access/network.h"
#include "api/conditional.h"
#include "api/framing.h"
#include "api/people.h"
#include "api/routes.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/json.h"
#include "repository/durable_file.h"

namespace alih::api {
namespace {

namespace net = Poco::Net;
using json = nlohmann::ordered_json;

constexpr std::uint64_t kKiB = 1024;

// The open connections: at most so many from one address, so that one slow client cannot take all
// threads; and each request has to arrive by a time of its own, however slowly its bytes drip.
class Connections : public net::TCPServerConnectionFilter {
 public:
  Connections(int most, double head_s)
      : most_(most), head_s_(head_s), sweeper_([this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!stop.stop_requested()) {
            never_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
            sweep();
          }
        }) {}

  bool accept(const net::StreamSocket& socket) override {
    const std::lock_guard lock(mutex_);
    open_.remove_if([](const Open& c) { return !c.socket.impl()->initialized(); });
    try {
      const auto from = socket.peerAddress();
      const auto same = std::count_if(open_.begin(), open_.end(),
                                      [&](const Open& c) { return c.from.host() == from.host(); });
      if (same >= most_) return false;
      open_.push_back({socket, from, monotonic_seconds() + head_s_});
    } catch (const Poco::Exception&) {  // closed already
      return false;
    }
    return true;
  }

  // The head of a request is here; its body may take so much longer. 0: as long as it wants.
  void arrives_within(const net::SocketAddress& from, double seconds) {
    const std::lock_guard lock(mutex_);
    for (auto& c : open_) {
      if (c.from == from) c.until = seconds > 0 ? monotonic_seconds() + seconds : 0;
    }
  }
  // It is answered; the next one may come.
  void next(const net::SocketAddress& from) { arrives_within(from, head_s_); }

 private:
  struct Open {
    net::StreamSocket socket;
    net::SocketAddress from;
    double until = 0;  // 0 = nothing has to arrive
  };
  void sweep() {
    const double now = monotonic_seconds();
    for (auto& c : open_) {
      if (c.until == 0 || now < c.until) continue;
      c.until = 0;
      try {
        if (c.socket.impl()->initialized()) c.socket.shutdownReceive();
      } catch (const Poco::Exception&) {  // closed by now
      }
    }
  }

  const int most_;
  const double head_s_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  // mutex_ guards:
  std::list<Open> open_;
  std::jthread sweeper_;  // last: it uses the others
};

bool is_local_name(const std::string& host) {
  auto name = host;
  if (const auto bracket = name.find(']'); bracket != std::string::npos) {
    name = name.substr(0, bracket + 1);
  } else if (const auto colon = name.rfind(':'); colon != std::string::npos) {
    name = name.substr(0, colon);
  }
  if (name == "localhost" || name == "[::1]") return true;
  // An address, not a name that looks like one: 127.0.0.1.example.org is somebody else's.
  const auto address = access::parse_address(name);
  return address && name.starts_with("127.");
}

Language language_of(const Request& request, const std::string& otherwise) {
  const auto asked = request.parameter("lang");
  if (asked == "en") return Language::english;
  if (asked == "id") return Language::indonesian;
  return otherwise == "en" ? Language::english : Language::indonesian;
}

struct Shared {
  Service& service;
  Settings settings;
  std::function<void(const std::string&)> log;
  Connections* connections;  // the server's
};

class Handler : public net::HTTPRequestHandler {
 public:
  explicit Handler(const Shared& shared) : shared_(shared) {}

  void handleRequest(net::HTTPServerRequest& in, net::HTTPServerResponse& out) override {
    const double start = monotonic_seconds();
    Request request;
    request.id = new_ulid();
    int status = 500;
    try {
      status = handle(in, out, request);
    } catch (const Poco::Exception& e) {
      // The client went away, mostly. Nothing more can be sent.
      status = 499;
      request.path += " (" + e.displayText() + ")";
    } catch (const std::exception& e) {
      request.path += std::string(" (") + e.what() + ")";
    }
    shared_.connections->next(in.clientAddress());
    if (!out.sent()) {
      try {
        out.setStatusAndReason(net::HTTPResponse::HTTP_INTERNAL_SERVER_ERROR);
        out.setKeepAlive(false);
        out.setContentLength(0);
        out.send();
      } catch (const Poco::Exception&) {
      }
    }
    json line{{"at", utc_now()},
              {"request_id", request.id},
              {"method", request.method},
              {"path", request.path},
              {"from", request.peer}};
    // As it was written; whether it is believed stands in `from`.
    if (const auto claimed = request.header("x-forwarded-for"); !claimed.empty()) {
      constexpr std::size_t kMost = 200;
      line["forwarded_for"] = claimed.substr(0, kMost);
    }
    if (!request.subject.account.empty()) line["account"] = request.subject.account;
    line["status"] = status;
    line["ms"] = (monotonic_seconds() - start) * 1000;
    shared_.log(line.dump(-1, ' ', false, json::error_handler_t::replace));
  }

 private:
  int handle(net::HTTPServerRequest& in, net::HTTPServerResponse& out, Request& request) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : in) headers.emplace_back(name, value);
    request.method = in.getMethod();
    const auto file_limit =
        static_cast<std::uint64_t>(
            shared_.service.holdings.settings().processing.limits.max_file_mib) *
        kKiB * kKiB;
    const auto* route = find_route(request.method, path_of(in.getURI()));
    const bool to_file = route != nullptr && route->takes_file;
    const auto most =
        to_file ? file_limit : static_cast<std::uint64_t>(shared_.settings.max_body_kib) * kKiB;
    const auto framing = framing_of(in.getVersion(), headers, most);
    if (framing.refuse != 0) {
      out.setKeepAlive(false);
      constexpr int kTooLarge = 413;
      Response r =
          framing.refuse == kTooLarge
              ? problem({ErrorCode::too_large,
                         message("Lebih besar dari batas {} MiB", "Larger than the limit of {} MiB",
                                 {std::max<std::uint64_t>(1, most >> 20U)})},
                        request)
              : problem({ErrorCode::usage, message("Panjang isi permintaan tidak jelas",
                                                   "The length of the request is not clear")},
                        request);
      r.status = framing.refuse;
      return send(in, out, request, r);
    }
    // After a body the connection is not used again: what was not read could run as a request.
    if (framing.has_body()) out.setKeepAlive(false);
    for (const auto& [name, value] : headers) {
      std::string low = name;
      for (auto& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      request.headers[low] = value;
    }
    try {
      const Poco::URI uri(in.getURI());
      request.path = uri.getPath();
      for (const auto& [name, value] : uri.getQueryParameters()) request.query[name] = value;
    } catch (const Poco::SyntaxException&) {
      out.setKeepAlive(false);
      return send(
          in, out, request,
          problem({ErrorCode::usage, message("Alamat tidak terbaca", "The address cannot be read")},
                  request));
    }
    const auto peer = in.clientAddress().host();
    const bool proxied =
        request.headers.contains("x-forwarded-for") || request.headers.contains("forwarded");
    request.local = peer.isLoopback() && !proxied && is_local_name(request.header("host"));
    request.language = language_of(request, shared_.settings.language);
    if (auto known = identify(shared_.service, request, peer.toString()); !known) {
      if (framing.has_body()) out.setKeepAlive(false);
      return send(in, out, request, problem(known.error(), request));
    }
    // Without a length nobody can tell a whole body from one that was cut off on its way.
    if (framing.chunked) {
      constexpr int kLengthRequired = 411;
      auto r = problem(
          {ErrorCode::usage, message("Panjang isi permintaan harus disebut (Content-Length)",
                                     "The length of the request must be given (Content-Length)")},
          request);
      r.status = kLengthRequired;
      return send(in, out, request, r);
    }
    constexpr double kSlowest = 10 * kKiB;  // bytes a second
    shared_.connections->arrives_within(
        in.clientAddress(),
        shared_.settings.header_timeout_s + static_cast<double>(framing.length) / kSlowest);
    if (to_file) return take_file(in, out, request, framing, *route);
    if (framing.has_body() && !read_body(in.stream(), framing.length, request.body)) {
      return send(
          in, out, request,
          problem({ErrorCode::usage, message("Permintaan tidak sampai seutuhnya; kirim lagi",
                                             "The request did not arrive whole; send it "
                                             "again")},
                  request));
    }
    shared_.connections->arrives_within(in.clientAddress(), 0);
    const bool changes = request.method != "GET" && request.method != "HEAD";
    if (changes && from_elsewhere(request)) {
      return send(in, out, request,
                  problem({ErrorCode::unauthorized, message("Permintaan datang dari situs lain",
                                                            "The request comes from another site")},
                          request));
    }
    return send(in, out, request, answer(shared_.service, request));
  }

  static std::string path_of(const std::string& uri) {
    try {
      return Poco::URI(uri).getPath();
    } catch (const Poco::SyntaxException&) {
      return {};
    }
  }

  // Another site's page must not have a browser of ours change something.
  [[nodiscard]] bool from_elsewhere(const Request& request) const {
    const auto origin = request.header("origin");
    const auto site = request.header("sec-fetch-site");
    const bool ours = origin == "http://" + request.header("host") ||
                      (!shared_.service.public_url.empty() && origin == shared_.service.public_url);
    return (!origin.empty() && !ours) || (!site.empty() && site != "same-origin" && site != "none");
  }

  int take_file(net::HTTPServerRequest& in, net::HTTPServerResponse& out, Request& request,
                const Framing& framing, const Route& route) {
    const auto refuse = [&](const Error& why, int status = 0) {
      auto r = problem(why, request);
      if (status != 0) r.status = status;
      return send(in, out, request, r);
    };
    if (from_elsewhere(request)) {
      return refuse({ErrorCode::unauthorized, message("Permintaan datang dari situs lain",
                                                      "The request comes from another site")});
    }
    // Before a byte of it is kept.
    if (const auto may = access::permit(request.subject, *route.needs); !may) {
      return refuse(may.error());
    }
    const auto& files = shared_.service.holdings.files();
    if (auto room = files.check_room(framing.length); !room) return refuse(room.error());
    struct Gone {
      std::string path;
      ~Gone() {
        if (!path.empty()) ::unlink(path.c_str());
      }
    } gone;
    if (framing.length > 0) {
      if (auto made = repository::make_folder(files.scratch()); !made) return refuse(made.error());
      request.body_file = (files.scratch() / ("body-" + request.id)).string();
      gone.path = request.body_file;
      std::ofstream file(request.body_file, std::ios::binary | std::ios::trunc);
      std::array<char, 1 << 16> buffer;
      std::uint64_t got = 0;
      auto& body = in.stream();
      while (got < framing.length && file &&
             (body.read(buffer.data(), buffer.size()) || body.gcount() > 0)) {
        file.write(buffer.data(), body.gcount());
        got += static_cast<std::uint64_t>(body.gcount());
      }
      file.close();
      if (!file) {
        return refuse({ErrorCode::disk_full, message("Diska penuh; kosongkan ruang, lalu ulangi",
                                                     "The disk is full; make room and try again")});
      }
      shared_.connections->arrives_within(in.clientAddress(), 0);
      if (got != framing.length) {
        return refuse({ErrorCode::usage, message("Berkas tidak sampai seutuhnya; kirim lagi",
                                                 "The file did not arrive whole; send it again")});
      }
    }
    return send(in, out, request, answer(shared_.service, request));
  }

  // False when less came than was told.
  static bool read_body(std::istream& in, std::uint64_t length, std::string& body) {
    std::array<char, 8192> buffer{};
    while (body.size() < length) {
      const auto want = std::min<std::uint64_t>(buffer.size(), length - body.size());
      in.read(buffer.data(), static_cast<std::streamsize>(want));
      if (in.gcount() <= 0) return false;
      body.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    }
    return true;
  }

  static void send_part(std::ifstream& file, std::ostream& out, const Part& part) {
    file.seekg(static_cast<std::streamoff>(part.from));
    std::array<char, 1 << 16> buffer;
    auto left = part.size;
    while (left > 0) {
      const auto want = std::min<std::uint64_t>(left, buffer.size());
      if (!file.read(buffer.data(), static_cast<std::streamsize>(want))) {
        throw std::runtime_error("file became shorter");  // the client sees a short answer
      }
      out.write(buffer.data(), static_cast<std::streamsize>(want));
      left -= want;
    }
  }

  int send(net::HTTPServerRequest& in, net::HTTPServerResponse& out, const Request& request,
           const Response& r) {
    out.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(r.status));
    out.setContentType(r.type);
    out.set("X-Request-Id", request.id);
    out.set("X-Content-Type-Options", "nosniff");
    out.set("Referrer-Policy", "same-origin");
    out.set("Content-Security-Policy",
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    // Nothing that somebody sees as somebody is kept where others could come across it.
    const bool somebody = !request.subject.account.empty() || request.subject.owner;
    if (somebody && !r.headers.contains("Cache-Control")) out.set("Cache-Control", "no-store");
    out.set("Vary", "Cookie, Authorization");
    for (const auto& [name, value] : r.headers) out.set(name, value);
    const bool head = in.getMethod() == "HEAD";
    if (r.stream) {
      out.setChunkedTransferEncoding(true);
      out.setKeepAlive(false);
      auto& stream = out.send();
      r.stream([&](std::string_view text) {
        stream.write(text.data(), static_cast<std::streamsize>(text.size()));
        stream.flush();
      });
      return r.status;
    }
    if (!r.file.empty() && r.status == 200) {
      std::ifstream file(r.file, std::ios::binary | std::ios::ate);
      if (!file) throw std::runtime_error("file went away");
      const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(0, file.tellg()));
      const auto tag = r.headers.find("ETag");
      const auto condition = request.header("if-range");
      const bool same =
          condition.empty() || (tag != r.headers.end() && names_tag(condition, tag->second, false));
      const auto part = same ? part_of(request.header("range"), size) : part_of("", size);
      out.set("Accept-Ranges", "bytes");
      if (part.kind == Part::Kind::unsatisfiable) {
        out.setStatusAndReason(net::HTTPResponse::HTTP_REQUESTED_RANGE_NOT_SATISFIABLE);
        out.set("Content-Range", "bytes */" + std::to_string(size));
        out.setContentLength64(0);
        out.send();
        return 416;
      }
      int status = r.status;
      if (part.kind == Part::Kind::part) {
        status = 206;
        out.setStatusAndReason(net::HTTPResponse::HTTP_PARTIAL_CONTENT);
        out.set("Content-Range", "bytes " + std::to_string(part.from) + "-" +
                                     std::to_string(part.from + part.size - 1) + "/" +
                                     std::to_string(size));
      }
      out.setContentLength64(static_cast<Poco::Int64>(part.size));
      auto& stream = out.send();
      if (!head) send_part(file, stream, part);
      return status;
    }
    out.setContentLength64(static_cast<Poco::Int64>(r.status == 304 ? 0 : r.body.size()));
    auto& stream = out.send();
    if (!head && r.status != 304) {
      stream.write(r.body.data(), static_cast<std::streamsize>(r.body.size()));
    }
    return r.status;
  }

  const Shared& shared_;
};

class Factory : public net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(Shared shared) : shared_(std::move(shared)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler(shared_);  // NOLINT: the library takes it over
  }

 private:
  Shared shared_;
};

}  // namespace

struct Server::State {
  std::unique_ptr<Poco::ThreadPool> pool;
  std::unique_ptr<net::HTTPServer> server;
  std::string address;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() { stop(); }

std::string Server::address() const { return state_->address; }

void Server::stop() {
  try {
    state_->server->stopAll(true);
  } catch (const Poco::Exception&) {  // stopping is all that is left to do
  }
}

Result<std::unique_ptr<Server>> Server::start(Service& service, const Settings& settings,
                                              std::function<void(const std::string&)> log) {
  auto state = std::make_unique<State>();
  try {
    const net::SocketAddress address(settings.listen);
    net::ServerSocket socket;
    socket.bind(address, true);
    constexpr int kBacklog = 128;
    socket.listen(kBacklog);
    state->address = socket.address().toString();

    Poco::AutoPtr<net::HTTPServerParams> params(new net::HTTPServerParams);
    constexpr int kKeepAlive = 2;  // seconds an idle connection may hold a thread
    constexpr int kMostQueued = 512;
    constexpr int kStack = 1 << 20;
    params->setMaxThreads(settings.threads);
    params->setMaxQueued(kMostQueued);
    params->setTimeout(Poco::Timespan(settings.header_timeout_s, 0));
    params->setKeepAliveTimeout(Poco::Timespan(kKeepAlive, 0));
    params->setServerName("");
    Poco::AutoPtr<Connections> connections(
        new Connections(settings.per_address, kKeepAlive + 3 * settings.header_timeout_s));
    state->pool = std::make_unique<Poco::ThreadPool>(4, settings.threads, 60, kStack);
    state->server = std::make_unique<net::HTTPServer>(
        new Factory({service, settings, std::move(log), connections.get()}), *state->pool, socket,
        params);
    state->server->setConnectionFilter(connections);
    state->server->start();
  } catch (const net::NetException& e) {
    return fail(ErrorCode::busy, "Alamat {} tidak dapat dipakai: {}. Pilih port lain",
                "The address {} cannot be used: {}. Choose another port",
                {settings.listen, e.displayText()});
  } catch (const Poco::Exception& e) {
    return fail(ErrorCode::usage, "Alamat {} tidak terbaca: {}. Tulis misalnya 127.0.0.1:8080",
                "The address {} cannot be read: {}. Write for example 127.0.0.1:8080",
                {settings.listen, e.displayText()});
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

}  // namespace alih::api
