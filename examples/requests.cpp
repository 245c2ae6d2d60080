// Any HTTP request over the pool: example_requests [URL]. Its key, where it needs one, is in OPENAI_API_KEY.
#include <warmwire/blocking_transport.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  const char* key = std::getenv("OPENAI_API_KEY");
  warmwire::blocking_transport pools;

  warmwire::request list;
  list.provider = "mine";  // any name: each has its own pool, options and figures
  list.url = argc > 1 ? argv[1] : "https://api.openai.com/v1/models";
  list.headers = {{"Authorization", std::string("Bearer ") + (key ? key : "")}};
  list.timeout = std::chrono::seconds(20);

  for (int i = 0; i < 2; ++i) {
    const auto got = pools.send(list);
    if (!got) {
      std::cerr << got.error().to_string() << '\n';
      return 1;
    }
    const auto& came = got->provenance;
    std::cout << got->status << ' ' << got->headers.get("content-type") << ", " << got->body.size() << " bytes, "
              << came.protocol << " connection " << came.connection_id << (came.reused ? " (reused)\n" : " (new)\n");
  }
  std::cout << pools.stats("mine").value().to_string() << '\n';
}
