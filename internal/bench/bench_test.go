package bench_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/bench"
)

// always is a server that always allows.
func always(t *testing.T) bench.Doors {
	t.Helper()
	doors := make([]net.Listener, 2)
	for i := range doors {
		var err error
		if doors[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bench.ServeAlways(ctx, doors[0], doors[1]) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return bench.Doors{GRPC: doors[0].Addr().String(), HTTP: doors[1].Addr().String()}
}

func load(connect func() (bench.Asker, error)) bench.Load {
	return bench.Load{
		Connections: 2, Warm: 50 * time.Millisecond, During: 300 * time.Millisecond, Questions: []bench.Question{{Key: "k", Person: "p"}}, Connect: connect,
		CPU: func() (time.Duration, error) { return bench.CPUOf(os.Getpid()) },
	}
}

func TestEveryTransportIsMeasured(t *testing.T) {
	doors := always(t)
	var rows []bench.Row
	for _, transport := range bench.Transports {
		figures, err := load(func() (bench.Asker, error) { return transport.Connect(doors) }).Run(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", transport, err)
		}
		if p50 := time.Duration(figures.Latency.ValueAtPercentile(50)); figures.Checks < 10 || p50 <= 0 || p50 > figures.Took || figures.CPU <= 0 {
			t.Errorf("%s: %+v, p50 %v", transport, figures, p50)
		}
		rows = append(rows, bench.Row{Transport: transport, Connections: 2, Server: "always allow", Figures: figures})
	}
	bench.Compare(rows, "always allow")
	var table strings.Builder
	if err := bench.Write(&table, rows); err != nil {
		t.Fatal(err)
	}
	if text := table.String(); strings.Count(text, "\n") != 4 || strings.Count(text, "1.00\n") != 3 {
		t.Errorf("table:\n%s", text)
	}
}

// A refuser denies from the hundredth question on.
type refuser struct{ asked int }

func (r *refuser) Ask(context.Context, bench.Question) error {
	if r.asked++; r.asked < 100 {
		return nil
	}
	return bench.ErrNotAllowed
}

func (*refuser) Close() error { return nil }

func TestADenialIsNoFigure(t *testing.T) {
	if f, err := load(func() (bench.Asker, error) { return &refuser{}, nil }).Run(t.Context()); !errors.Is(err, bench.ErrNotAllowed) {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := bench.CPUOf(1 << 30); err == nil {
		t.Error("the time of a process that is not there is known")
	}
}
