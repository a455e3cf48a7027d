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

	server *smtp.Server
	mu     sync.Mutex
	taken  []Mail
	held   bool
	script []Reply
	seen   chan struct{}
}

// A Mail is a message as it was taken.
type Mail struct {
	From string
	To   []string
	Raw  string // as it came over the wire
	At   time.Time
}

// A Reply is what the sink says instead of taking the next message.
type Reply struct {
	// At is where it is said: rcpt, data, or cut, which takes the message and ends
	// the connection without a word.
	At   string
	Code int
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
	s := &Sink{Addr: listener.Addr().String(), seen: make(chan struct{}, 1)}
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

// Stop ends the sink.
func (s *Sink) Stop() error { return s.server.Close() }

// Hold answers every message with 451 until Release.
func (s *Sink) Hold() { s.set(true) }

// Release takes messages again.
func (s *Sink) Release() { s.set(false) }

func (s *Sink) set(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
}

// Script says the replies to the next messages, one each.
func (s *Sink) Script(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, replies...)
}

// Mails are the messages taken so far.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// Seen receives after a message was taken.
func (s *Sink) Seen() <-chan struct{} { return s.seen }

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
	return &session{sink: s, conn: c}, nil
}

// next is the reply to the message that comes now.
func (s *Sink) next(at string) (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held && at == "data" {
		return Reply{At: "data", Code: 451}, true
	}
	if len(s.script) > 0 && s.script[0].At == at {
		reply := s.script[0]
		s.script = s.script[1:]
		return reply, true
	}
	return Reply{}, false
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

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail = Mail{From: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if reply, ok := s.sink.next("rcpt"); ok {
		return refusal(reply)
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if reply, ok := s.sink.next("data"); ok {
		return refusal(reply)
	}
	_, cut := s.sink.next("cut")
	s.mail.Raw, s.mail.At = string(raw), time.Now()
	s.sink.keep(s.mail)
	if cut {
		return errors.Join(s.conn.Conn().Close(), refusal(Reply{Code: 421}))
	}
	return nil
}

func refusal(r Reply) error {
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode{r.Code / 100, 0, 0}, Message: "as the script says"}
}
