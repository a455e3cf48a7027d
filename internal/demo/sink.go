package demo

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// A Sink is an SMTP server on loopback that keeps what it takes. It stands in for
// the city's relay: a real protocol, and nobody's mailbox.
type Sink struct {
	Addr string // host:port

	server   *smtp.Server
	listener net.Listener
	seen     chan struct{}

	mu    sync.Mutex // guards the rest
	taken []Mail
	open  int       // conversations
	ended sync.Cond // a conversation did
	plan
}

// A Mail is a message as it was taken.
type Mail struct {
	From string
	To   []string
	Raw  string // as it came over the wire
	At   time.Time
	TLS  bool // it came over an encrypted connection
}

// SinkOptions are left empty for plain SMTP.
type SinkOptions struct {
	TLS *tls.Config // offers STARTTLS
}

// StartSink listens on a free port of loopback.
func StartSink(o SinkOptions) (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start mail sink: %w", err)
	}
	s := &Sink{Addr: listener.Addr().String(), listener: listener, seen: make(chan struct{}, 1)}
	s.ended.L = &s.mu
	s.server = smtp.NewServer(s)
	s.server.Domain, s.server.TLSConfig = "sink.example", o.TLS
	s.server.MaxMessageBytes, s.server.MaxRecipients = 10<<20, 50
	s.server.ErrorLog = quiet{}
	go s.server.Serve(listener)
	return s, nil
}

// quiet drops what the server has to say about its clients.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Stop ends the sink, also one that has hardly begun.
func (s *Sink) Stop() error {
	s.listener.Close()
	if err := s.server.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Mails are the messages taken so far.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// Seen receives after a message was taken.
func (s *Sink) Seen() <-chan struct{} { return s.seen }

// Quiet waits until every client has hung up.
func (s *Sink) Quiet() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.open > 0 {
		s.ended.Wait()
	}
}

func (s *Sink) talk(by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += by
	s.ended.Broadcast()
}

// Header reads a header of a mail; empty when there is none.
func (m Mail) Header(name string) string {
	msg, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	return msg.Header.Get(name)
}

// Subject is the subject as people read it.
func (m Mail) Subject() string {
	text, err := new(mime.WordDecoder).DecodeHeader(m.Header("Subject"))
	if err != nil {
		return m.Header("Subject")
	}
	return text
}

// Text is the body as people read it.
func (m Mail) Text() string {
	msg, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	var body io.Reader = msg.Body
	switch strings.ToLower(msg.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// NewSession begins a conversation.
func (s *Sink) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.talk(+1)
	return &session{sink: s, conn: c}, nil
}

func (s *Sink) keep(m Mail) {
	s.mu.Lock()
	s.taken = append(s.taken, m)
	s.mu.Unlock()
	select {
	case s.seen <- struct{}{}:
	default:
	}
}

type session struct {
	sink *Sink
	conn *smtp.Conn
	mail Mail
}

func (s *session) Reset() { s.mail = Mail{} }

// Logout ends a conversation; STARTTLS ends one, too, and begins another.
func (s *session) Logout() error {
	s.sink.talk(-1)
	return nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if code := s.sink.next("mail", ""); code != 0 {
		return refusal(code)
	}
	_, secure := s.conn.TLSConnectionState()
	s.mail = Mail{From: from, TLS: secure}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if code := s.sink.next("rcpt", to); code != 0 {
		return refusal(code)
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.sink.wait()
	if code := s.sink.next("data", ""); code != 0 {
		return refusal(code)
	}
	if s.sink.next("lose", "") != 0 {
		return s.conn.Conn().Close()
	}
	cut := s.sink.next("cut", "") != 0
	s.mail.Raw, s.mail.At = string(raw), time.Now()
	s.sink.keep(s.mail)
	if cut {
		return s.conn.Conn().Close()
	}
	return nil
}
