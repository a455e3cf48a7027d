package demo

import (
	"github.com/emersion/go-smtp"
)

// A plan is how a sink treats what comes.
type plan struct {
	held    bool
	script  []Reply
	refused map[string]int // address → reply code
	stalls  []*Stall
}

// A Reply is what the sink does instead of taking the next message.
type Reply struct {
	// At is where it does so: mail, rcpt or data, where it replies with Code; lose,
	// which ends the connection once the message was sent and keeps nothing; or cut,
	// which takes the message and ends the connection without a word.
	At   string
	Code int
}

// Hold answers every message with 451 until Release.
func (s *Sink) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
}

// Release takes messages again, and forgets the script.
func (s *Sink) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held, s.script = false, nil
}

// Script says the replies to the next messages, one each.
func (s *Sink) Script(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, replies...)
}

// Refuse answers every message to an address with a code, until it is told 0.
func (s *Sink) Refuse(address string, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = map[string]int{}
	}
	s.refused[address] = code
}

// A Stall keeps the sender of one message waiting for an answer.
type Stall struct {
	Reached chan struct{} // closed once the message was sent
	Release chan struct{} // to be closed; then the message is treated as any other
}

// Stall keeps the sender of the next message waiting.
func (s *Sink) Stall() *Stall {
	stall := &Stall{make(chan struct{}), make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalls = append(s.stalls, stall)
	return stall
}

// wait waits where the message that comes now is to wait.
func (s *Sink) wait() {
	s.mu.Lock()
	var stall *Stall
	if len(s.stalls) > 0 {
		stall, s.stalls = s.stalls[0], s.stalls[1:]
	}
	s.mu.Unlock()
	if stall != nil {
		close(stall.Reached)
		<-stall.Release
	}
}

// next is the code that the message which comes now is answered with at a place,
// or 0.
func (s *Sink) next(at, to string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.held && at == "data":
		return 451
	case at == "rcpt" && s.refused[to] != 0:
		return s.refused[to]
	case len(s.script) > 0 && s.script[0].At == at:
		reply := s.script[0]
		s.script = s.script[1:]
		return max(reply.Code, 1)
	}
	return 0
}

func refusal(code int) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "as the script says"}
}
