// The one door: /api/NAME/… goes to the service NAME, everything else to the front page.
package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

var services = strings.Fields("members events groups quotes jobs calendar newsletter lockers checkins badges")

func proxyTo(host string) http.Handler {
	target := &url.URL{Scheme: "http", Host: host + ":8000"}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, err error) {
		log.Printf("%s: %v", host, err)
		http.Error(w, host+" does not answer", http.StatusBadGateway)
	}
	return proxy
}

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	for _, name := range services {
		prefix := "/api/" + name
		handler := http.StripPrefix(prefix, proxyTo(name))
		http.Handle(prefix, handler)
		http.Handle(prefix+"/", handler)
	}
	http.Handle("/", proxyTo("web"))
	log.Println("listening on :8000")
	log.Fatal(http.ListenAndServe(":8000", nil))
}
