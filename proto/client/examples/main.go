// Command examples shows a Go service that asks meibo before it shows anything.
//
// It keeps records of a fictitious tax office and shows one at /records/{number}
// to whom meibo allows to view asset A01 under contract C01 for the input of
// assessments. Who that is it knows from the client certificate, which the TLS
// handshake has proven; nothing that a request says of itself counts.
//
//	MEIBO_SERVER=127.0.0.1:8081 MEIBO_KEY=mb_… examples -listen 127.0.0.1:8443 -certificate tls.crt -key tls.key -people people-ca.pem
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/proto/client"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8443", "where to serve, host:port")
	certificate := flag.String("certificate", "tls.crt", "the service's certificate, PEM")
	key := flag.String("key", "tls.key", "its key")
	people := flag.String("people", "people-ca.pem", "certificate that vouches for those of people")
	flag.Parse()
	if err := run(*listen, *certificate, *key, *people); err != nil {
		log.Fatal(err)
	}
}

func run(listen, certificate, key, people string) error {
	vouching, err := os.ReadFile(people)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(vouching)
	meibo, err := client.New(client.Options{Server: os.Getenv("MEIBO_SERVER"), Key: os.Getenv("MEIBO_KEY"), Cache: 10_000})
	if err != nil {
		return err
	}
	defer meibo.Close()
	server := &http.Server{
		Addr: listen, Handler: office(meibo), ReadHeaderTimeout: 5 * time.Second,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots},
	}
	return server.ListenAndServeTLS(certificate, key)
}

// office is the service.
func office(meibo *client.Client) http.Handler {
	guard := client.HTTP{
		Client: meibo,
		Question: func(r *http.Request) (*pb.CheckAccessRequest, error) {
			person, err := who(r)
			return &pb.CheckAccessRequest{
				Person: person, Contract: "C01", Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS.INPUT",
			}, err
		},
		Fulfil: func(_ *http.Request, o *client.Obligation) error {
			if o.Name != "mask" { // show masks; nothing else is done here
				return errors.New("not done by this service")
			}
			return nil
		},
	}
	mux := http.NewServeMux()
	mux.Handle("GET /records/{number}", guard.Guard(http.HandlerFunc(show)))
	return mux
}

// who is the person whose certificate the handshake has proven.
func who(r *http.Request) (string, error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return "", errors.New("no certificate")
	}
	return r.TLS.VerifiedChains[0][0].Subject.CommonName, nil
}

// show writes a record, without the fields that the decision wants masked.
func show(w http.ResponseWriter, r *http.Request) {
	decision := client.FromContext(r.Context())
	fmt.Fprintf(w, "decision: %s\nnumber: %s\n", decision.ID, r.PathValue("number"))
	for _, field := range []struct{ name, value string }{{"name", "架空 太郎"}, {"assessment", "120,000"}} {
		masked := slices.ContainsFunc(decision.Obligations(), func(o *client.Obligation) bool { return slices.Contains(o.Fields, field.name) })
		if masked {
			field.value = "***"
		}
		fmt.Fprintf(w, "%s: %s\n", field.name, field.value)
	}
}
