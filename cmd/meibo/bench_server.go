package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/pprof"

	"github.com/meibo-dev/meibo/internal/bench"
	"github.com/meibo-dev/meibo/internal/demo"
)

// benchServerCmd is what bench starts: the demo's city on the demo's clock, or the
// server that always allows. It ends when its standard input does.
type benchServerCmd struct {
	configFlag
	Always  bool
	Profile string `type:"path"`
}

// Run serves, and says where as JSON.
func (c *benchServerCmd) Run(a *app) (err error) {
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, a.stdin)
		cancel()
	}()
	stop, err := profile(c.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	say := func(grpc, http string) { json.NewEncoder(a.stdout).Encode(bench.Doors{GRPC: grpc, HTTP: http}) }
	if c.Always {
		return serveAlways(ctx, say)
	}
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	clock := demo.NewClock(demo.AsOf)
	clock.Run(demo.AsOf)
	return run(ctx, cfg, house{log: slog.New(slog.DiscardHandler), now: clock.Now, pause: outboxPause, ready: say, measured: true})
}

func serveAlways(ctx context.Context, say func(grpc, http string)) error {
	grpcDoor, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	httpDoor, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, grpcDoor.Close())
	}
	say(grpcDoor.Addr().String(), httpDoor.Addr().String())
	return bench.ServeAlways(ctx, grpcDoor, httpDoor)
}

// profile writes what the processor did into a file until stop; without a file it
// does nothing.
func profile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("write profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
