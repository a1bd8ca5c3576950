// A small HTTP server, alone in its image: no shell, no libraries, no files beside it.
//
//	GET /         what it is
//	GET /health   200, or 503 after POST /sick
//	GET /env      one line per variable of its environment
//	POST /exit    ends the process with the status in ?code=
//
// With the argument hello it says what `docker run hello-world` says, and ends.

//go:debug httpmuxgo121=0
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
)

var sick atomic.Bool

func health(w http.ResponseWriter, _ *http.Request) {
	if sick.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "sick")
		return
	}
	fmt.Fprintln(w, "ok")
}

func environment(w http.ResponseWriter, _ *http.Request) {
	for _, variable := range os.Environ() {
		fmt.Fprintln(w, variable)
	}
}

func exit(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.URL.Query().Get("code"))
	if err != nil {
		code = 1
	}
	log.Printf("exit %d", code)
	os.Exit(code)
}

func hello() {
	fmt.Println("\nHello from Docker!")
	fmt.Println("This message shows that your installation appears to be working correctly.")
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "hello" {
		hello()
		return
	}
	address := ":8080"
	if port := os.Getenv("PORT"); port != "" {
		address = ":" + port
	}
	host, _ := os.Hostname()
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "shell-less on %s\n", host) })
	http.HandleFunc("GET /health", health)
	http.HandleFunc("GET /env", environment)
	http.HandleFunc("POST /sick", func(http.ResponseWriter, *http.Request) { sick.Store(true) })
	http.HandleFunc("POST /exit", exit)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		log.Printf("received %s, stopping", <-stop)
		os.Exit(0)
	}()
	log.Printf("listening on %s", address)
	log.Fatal(http.ListenAndServe(address, nil))
}
