// One of the compared clients: the same calls over Go's net/http, a goroutine for each caller.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: calls_go URL CA_FILE CALLERS SECONDS http1|http2")
		os.Exit(2)
	}
	authorities := x509.NewCertPool()
	pem, err := os.ReadFile(os.Args[2])
	if err != nil || !authorities.AppendCertsFromPEM(pem) {
		fmt.Fprintln(os.Stderr, "cannot read", os.Args[2])
		os.Exit(1)
	}
	callers, _ := strconv.Atoi(os.Args[3])
	seconds, _ := strconv.Atoi(os.Args[4])
	pool := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: authorities},
		MaxIdleConnsPerHost: callers,
		ForceAttemptHTTP2:   os.Args[5] == "http2",
	}
	if os.Args[5] != "http2" {
		pool.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	client := &http.Client{Transport: pool}
	body := strings.Repeat("x", 170)
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	var answered, failed atomic.Int64
	var all sync.WaitGroup
	for i := 0; i < callers; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Now().Before(end) {
				answer, err := client.Post(os.Args[1], "application/json", strings.NewReader(body))
				if err != nil {
					failed.Add(1)
					return
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				answered.Add(1)
			}
		}()
	}
	all.Wait()
	fmt.Println(answered.Load())
	if failed.Load() > 0 {
		os.Exit(1)
	}
}
