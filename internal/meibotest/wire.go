package meibotest

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A Wire carries one process's connections to PostgreSQL, as long as it is let.
type Wire struct {
	// URL is that of the same database behind the wire.
	URL string

	to    string
	state atomic.Int32
	mu    sync.Mutex
	conns map[net.Conn]bool
}

// What a wire does with what it carries.
const (
	wireCarries = iota
	wireSilent  // holds everything back, and says nothing
	wireSlow
	wireTrickles // a few bytes at a time
	wireCut      // refuses and resets
)

// NewWire makes a wire to the database at a URL that Postgres gave.
func NewWire(t testing.TB, address string) *Wire {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "meibo-wire-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	w := &Wire{to: filepath.Join(q.Get("host"), ".s.PGSQL.5432"), conns: map[net.Conn]bool{}}
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	w.URL = u.String()
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close(); w.Cut(); os.RemoveAll(dir) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(conn)
		}
	}()
	return w
}

// Mend lets everything through again, what was held back included.
func (w *Wire) Mend() { w.state.Store(wireCarries) }

// Silence holds everything back; nobody is told.
func (w *Wire) Silence() { w.state.Store(wireSilent) }

// Slow delays everything by some milliseconds.
func (w *Wire) Slow() { w.state.Store(wireSlow) }

// Trickle lets a few bytes through at a time.
func (w *Wire) Trickle() { w.state.Store(wireTrickles) }

// Cut resets every connection and refuses new ones.
func (w *Wire) Cut() {
	w.state.Store(wireCut)
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		c.Close()
	}
}

func (w *Wire) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state.Load() == wireCut {
		return false
	}
	for _, c := range conns {
		w.conns[c] = true
	}
	return true
}

func (w *Wire) carry(conn net.Conn) {
	defer conn.Close()
	server, err := net.Dial("unix", w.to)
	if err != nil {
		return
	}
	defer server.Close()
	if !w.keep(conn, server) {
		return
	}
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{conn, server}, {server, conn}} {
		go func() {
			w.pump(way[0], way[1])
			done <- struct{}{}
		}()
	}
	<-done
	w.mu.Lock()
	delete(w.conns, conn)
	delete(w.conns, server)
	w.mu.Unlock()
}

func (w *Wire) pump(from io.Reader, to io.Writer) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			part := len(rest)
			switch w.state.Load() {
			case wireCut:
				return
			case wireSilent:
				time.Sleep(5 * time.Millisecond)
				continue
			case wireSlow:
				time.Sleep(20 * time.Millisecond)
			case wireTrickles:
				part = min(part, 16)
				time.Sleep(time.Millisecond)
			}
			if _, err := to.Write(rest[:part]); err != nil {
				return
			}
			rest = rest[part:]
		}
		if err != nil {
			return
		}
	}
}
