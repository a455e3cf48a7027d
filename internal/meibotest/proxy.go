package meibotest

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// A Proxy stands between a client and an LDAP server without TLS, and spoils the
// server's answers as its fault says.
type Proxy struct {
	URL string // of the proxy: ldap://127.0.0.1:port

	target   string
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	fault Fault
	conns map[net.Conn]bool
}

// A Fault spoils answers. It is called for each message of the server, one at a
// time for each connection.
type Fault func(*Answer)

// An Answer is a message of the server on its way to the client.
type Answer struct {
	Packet *ber.Packet
	Op     ber.Tag // of the message
	Asked  ber.Tag // of the request
	Scope  int64   // of a search
	Base   string  // of a search
	Number int     // of an entry in its answer, from 1

	before []*ber.Packet // sent before it
	drop   bool
	cut    bool
	stall  bool // nothing more of the answer is sent
	last   bool // nothing after this message
}

// NewProxy starts a proxy before the server, without a fault, until the test's
// end.
func NewProxy(t testing.TB, url string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URL: "ldap://" + l.Addr().String(), target: strings.TrimPrefix(url, "ldap://"), listener: l, conns: map[net.Conn]bool{}}
	p.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.carry(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.Cut()
		p.wg.Wait()
	})
	return p
}

// Spoil has all answers from now on spoilt; nil: none.
func (p *Proxy) Spoil(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) current() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

// hold registers connections until the function that it returns is called.
func (p *Proxy) hold(conns ...net.Conn) (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range conns {
			c.Close()
			delete(p.conns, c)
		}
	}
}

// request is what the proxy remembers of a request.
type request struct {
	op      ber.Tag
	scope   int64
	base    string
	entries int
	stalled bool
}

// carry carries one connection.
func (p *Proxy) carry(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	release := p.hold(client, server)
	var mu sync.Mutex
	requests := map[int64]*request{}
	var both sync.WaitGroup
	both.Go(func() {
		defer server.Close()
		in := bufio.NewReader(client)
		for {
			m, err := ber.ReadPacket(in)
			if err != nil || len(m.Children) < 2 {
				return
			}
			mu.Lock()
			requests[messageID(m)] = newRequest(m.Children[1])
			mu.Unlock()
			if _, err := server.Write(m.Bytes()); err != nil {
				return
			}
		}
	})
	both.Go(func() {
		defer client.Close()
		in := bufio.NewReader(server)
		for {
			m, err := ber.ReadPacket(in)
			if err != nil || len(m.Children) < 2 {
				return
			}
			mu.Lock()
			r := requests[messageID(m)]
			mu.Unlock()
			if !p.answer(client, m, r) {
				return
			}
		}
	})
	both.Wait()
	release()
}

func messageID(m *ber.Packet) int64 {
	id, _ := m.Children[0].Value.(int64)
	return id
}

func newRequest(op *ber.Packet) *request {
	r := &request{op: op.Tag}
	if op.Tag == ldap.ApplicationSearchRequest && len(op.Children) > 1 {
		r.base, _ = op.Children[0].Value.(string)
		r.scope, _ = op.Children[1].Value.(int64)
	}
	return r
}

// answer sends a message on as the fault leaves it; false ends the connection.
func (p *Proxy) answer(client net.Conn, m *ber.Packet, r *request) bool {
	a := &Answer{Packet: m, Op: m.Children[1].Tag}
	if r != nil {
		a.Asked, a.Scope, a.Base = r.op, r.scope, r.base
		if a.Op == ldap.ApplicationSearchResultEntry {
			r.entries++
			a.Number = r.entries
		}
	}
	if fault := p.current(); fault != nil {
		fault(a)
	}
	switch {
	case a.cut:
		return false
	case r != nil && r.stalled, a.drop:
		return true
	case a.stall && r != nil:
		r.stalled = true
		return true
	}
	if a.last && r != nil {
		r.stalled = true
	}
	for _, packet := range append(a.before, a.Packet) {
		if _, err := client.Write(packet.Bytes()); err != nil {
			return false
		}
	}
	return true
}

// Slow makes each message take this long.
func Slow(d time.Duration) Fault { return func(*Answer) { time.Sleep(d) } }
