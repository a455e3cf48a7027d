package outbox_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// A line carries connections to a relay.
type line struct {
	addr     string
	refuse   atomic.Bool
	withhold atomic.Bool // what the relay answers to the message

	mu    sync.Mutex
	conns []net.Conn
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{addr: listener.Addr().String()}
	t.Cleanup(func() { listener.Close(); l.cut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if l.refuse.Load() || err != nil {
				conn.Close()
				continue
			}
			l.mu.Lock()
			l.conns = append(l.conns, conn, server)
			l.mu.Unlock()
			go l.carry(conn, server)
		}
	}()
	return l
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

// carry carries one connection. The second time that the client says much at once,
// after its hello of TLS, it is the message.
func (l *line) carry(client, server net.Conn) {
	var burst, bursts atomic.Int64
	go func() {
		defer server.Close()
		buffer := make([]byte, 32<<10)
		for {
			n, err := client.Read(buffer)
			if was := burst.Add(int64(n)) - int64(n); was < 1000 && was+int64(n) >= 1000 {
				bursts.Add(1)
			}
			if _, failed := server.Write(buffer[:n]); err != nil || failed != nil {
				return
			}
		}
	}()
	defer client.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := server.Read(buffer)
		if l.withhold.Load() && bursts.Load() >= 2 {
			io.Copy(io.Discard, server)
			return
		}
		burst.Store(0)
		if _, failed := client.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}
