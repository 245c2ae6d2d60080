// One of the compared clients: the same calls over libcurl's multi interface, its handles used again and again.
#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

struct caller {
  CURL* handle = nullptr;
  std::string answer;
};

}  // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::fputs("usage: calls_libcurl URL CA_FILE CALLERS SECONDS http1|http2\n", stderr);
    return 2;
  }
  const bool http2 = std::string_view(words[5]) == "http2";
  const std::string body(170, 'x');
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, http2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
  curl_slist* const fields = curl_slist_append(nullptr, "Content-Type: application/json");
  std::vector<caller> callers(std::strtoul(words[3], nullptr, 10));
  for (auto& one : callers) {
    one.handle = curl_easy_init();
    curl_easy_setopt(one.handle, CURLOPT_URL, words[1]);
    curl_easy_setopt(one.handle, CURLOPT_CAINFO, words[2]);
    curl_easy_setopt(one.handle, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(one.handle, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(one.handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(one.handle, CURLOPT_WRITEFUNCTION, &keep);
    curl_easy_setopt(one.handle, CURLOPT_WRITEDATA, &one.answer);
    curl_easy_setopt(one.handle, CURLOPT_PRIVATE, &one);
    curl_easy_setopt(one.handle, CURLOPT_HTTP_VERSION,
                     static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(one.handle, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
    curl_multi_add_handle(multi, one.handle);
  }

  const auto end = clock_type::now() + std::chrono::seconds(std::atoi(words[4]));
  std::uint64_t answered = 0;
  std::size_t running = callers.size();
  bool failed = false;
  while (running > 0 && !failed) {
    int active = 0;
    curl_multi_perform(multi, &active);
    int left = 0;
    while (const CURLMsg* const done = curl_multi_info_read(multi, &left)) {
      CURL* const handle = done->easy_handle;
      failed = failed || done->data.result != CURLE_OK;
      caller* one = nullptr;
      curl_easy_getinfo(handle, CURLINFO_PRIVATE, &one);
      one->answer.clear();
      ++answered;
      curl_multi_remove_handle(multi, handle);
      if (clock_type::now() < end) {
        curl_multi_add_handle(multi, handle);
      } else {
        --running;
      }
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  std::printf("%llu\n", static_cast<unsigned long long>(answered));
  return failed ? 1 : 0;
}
