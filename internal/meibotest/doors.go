package meibotest

import (
	"log/slog"
	"net"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/internal/rpc"
)

// Doors serves the city's ledger on loopback until the test ends, and returns the
// addresses, host:port, of its gRPC and its HTTP side.
func (c *City) Doors() (grpc, http string) {
	c.t.Helper()
	grpcDoor, err := net.Listen("tcp", "127.0.0.1:0")
	c.must(err)
	httpDoor, err := net.Listen("tcp", "127.0.0.1:0")
	c.must(err)
	server := rpc.New(rpc.Options{
		Ledger: c.Ledger, Log: slog.New(slog.DiscardHandler), PublicURL: "https://meibo.city.kakuu.example", Registry: prometheus.NewRegistry(),
	})
	handler, stop, err := server.Handler(c.ctx())
	c.must(err)
	web := rpc.HTTPServer(handler)
	go server.GRPC().Serve(grpcDoor)
	go web.Serve(httpDoor)
	c.t.Cleanup(func() {
		web.Close()
		stop()
		server.GRPC().Stop()
	})
	return grpcDoor.Addr().String(), httpDoor.Addr().String()
}
