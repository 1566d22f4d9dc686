#include "api/client/client.h"

#include <fstream>
#include <istream>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/json.h"

namespace alih::api {

using nlohmann::json;

std::optional<ServiceFile> read_service_file(const std::filesystem::path& data) {
  std::ifstream in(data / "service.json");
  if (!in) return std::nullopt;
  try {
    const auto j = json::parse(in);
    return ServiceFile{j.at("address").get<std::string>(), j.at("token").get<std::string>(),
                       j.at("pid").get<int>()};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Status write_service_file(const std::filesystem::path& data, const ServiceFile& file) {
  const auto path = data / "service.json";
  const auto aside = data / ".service.json.partial";
  const auto text =
      json{{"address", file.address}, {"token", file.token}, {"pid", file.pid}}.dump() + "\n";
  ::unlink(aside.c_str());
  // 0600 from the first moment: the token is the key to every verb.
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) ::close(fd);
  if (!written || ::rename(aside.c_str(), path.c_str()) != 0) {
    return fail(ErrorCode::unavailable, "{} tidak dapat ditulis", "{} cannot be written",
                {path.string()});
  }
  return {};
}

Result<int> run_in_service(const ServiceFile& service, const std::string& verb,
                           const std::vector<std::string>& words, const std::string& cwd,
                           const std::string& os_user, const std::optional<std::string>& input,
                           const std::function<void(std::string_view)>& out,
                           const std::function<void(std::string_view)>& err) {
  // Once it has heard the command nobody can say how far it came: it must not be done again
  // unasked.
  const auto cut_off = [] {
    return fail(
        ErrorCode::stopped,
        "Layanan berhenti di tengah perintah, yang mungkin sudah dikerjakan; periksa dengan "
        "alihmedia item list, lalu ulangi bila perlu",
        "The service stopped in the middle of the command, which may have been done; look "
        "with alihmedia item list, then repeat it if need be");
  };
  bool heard = false;
  try {
    Poco::Net::StreamSocket socket;
    socket.connect(Poco::Net::SocketAddress(service.address), Poco::Timespan(10, 0));
    heard = true;
    Poco::Net::HTTPClientSession session(socket);
    constexpr int kLongestSilence = 24 * 3600;  // an overnight batch may say nothing for hours
    session.setTimeout(Poco::Timespan(10, 0), Poco::Timespan(30, 0),
                       Poco::Timespan(kLongestSilence, 0));
    Poco::Net::HTTPRequest request("POST", "/internal/verbs/" + verb, "HTTP/1.1");
    // CBOR, not JSON text: names of files need not be UTF-8.
    std::string body;
    json call{{"words", words}, {"cwd", cwd}, {"user", os_user}};
    if (input) call["input"] = *input;
    json::to_cbor(call, body);
    request.setContentType("application/cbor");
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    request.setHost(service.address);
    request.set("Authorization", "Bearer " + service.token);
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    auto& stream = session.receiveResponse(response);
    if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK) {
      return fail(ErrorCode::unauthorized, "Layanan menolak perintah ini (HTTP {})",
                  "The service refused the command (HTTP {})",
                  {static_cast<int>(response.getStatus())});
    }
    for (std::string line; std::getline(stream, line);) {
      const auto j = json::parse(line, nullptr, false);
      if (j.is_discarded()) continue;
      if (const auto o = j.find("out"); o != j.end()) out(o->get<std::string>());
      if (const auto e = j.find("err"); e != j.end()) err(e->get<std::string>());
      if (const auto x = j.find("exit"); x != j.end()) return x->get<int>();
    }
    return cut_off();
  } catch (const Poco::Exception& e) {
    if (heard) return cut_off();
    return fail(ErrorCode::unavailable, "Layanan tidak menjawab: {}",
                "The service does not answer: {}", {e.displayText()});
  }
}

}  // namespace alih::api
