// The servers that come with Go and with Node.js, as programs of a page each.
#include "tests/peers/servers.hpp"

#include <stdexcept>
#include <string>

namespace warmwire::test {
namespace {

constexpr std::string_view go_program = R"(package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
)

func upload(answer http.ResponseWriter, request *http.Request) {
	size, err := strconv.Atoi(request.URL.Path[1:])
	if err != nil {
		size = 32768
	}
	piece := make([]byte, size)
	total := 0
	for {
		count, err := request.Body.Read(piece)
		total += count
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(err)
		}
	}
	fmt.Fprint(answer, total)
}

func main() {
	log.Fatal(http.ListenAndServeTLS(os.Args[1], os.Args[2], os.Args[3], http.HandlerFunc(upload)))
}
)";

constexpr std::string_view node_program = R"(const fs = require('fs');
const [port, cert, key] = process.argv.slice(2);

function flush(stream, left) {
  if (left === 0) return stream.end();
  stream.write('x');
  stream.write('', () => setImmediate(flush, stream, left - 1));
}

const server = require('http2').createSecureServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) });
server.on('stream', (stream, headers) => {
  const pieces = /^\/flush\/(\d+)$/.exec(headers[':path']);
  stream.on('error', () => {});
  if (pieces) {
    stream.respond({ ':status': 200 });
    return flush(stream, Number(pieces[1]));
  }
  let total = 0;
  stream.on('data', (piece) => { total += piece.length; });
  stream.on('end', () => {
    stream.respond({ ':status': 200 });
    stream.end(String(total));
  });
});
server.listen(Number(port), '127.0.0.1');
)";

}  // namespace

peer start_go() {
  return peer([](const peer_files& files, std::uint16_t port) {
    const auto source = files.write("server.go", go_program);
    const auto program = files.directory() + "/go_server";
    std::string said;
    // A cache of its own, and nothing from elsewhere: the standard library is all that it needs.
    const auto status = run_command({installed("env"),
                                     {"GOCACHE=" + files.directory() + "/cache", "GOPATH=" + files.directory(),
                                      "GO111MODULE=off", "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local",
                                      "CGO_ENABLED=0", installed("go"), "build", "-o", program, source}},
                                    &said);
    if (status != 0) throw std::runtime_error("go build: " + said);
    return peer_command{program, {"127.0.0.1:" + std::to_string(port), files.certificate(), files.key()}};
  });
}

peer start_node() {
  return peer([](const peer_files& files, std::uint16_t port) {
    const auto source = files.write("server.js", node_program);
    return peer_command{installed("node"), {source, std::to_string(port), files.certificate(), files.key()}};
  });
}

}  // namespace warmwire::test
