package client

import (
	"errors"
	"fmt"
	"slices"
	"time"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// ErrUnclear says that an answer came that meibo would not give.
var ErrUnclear = errors.New("the answer is not clear")

// A Decision is meibo's answer. Its methods belong to one goroutine at a time.
type Decision struct {
	ID          string        // under which meibo recorded it
	PrimaryCode string        // the first of Codes; empty where the registration asks for no reasons
	Codes       []string      // all that stands in the way
	Advice      []string      // what will stand in the way soon
	Message     string        // Japanese; may be shown to the person
	MaxAge      time.Duration // for how long the allow may still be kept
	Revision    int64         // the ledger's, at which it was decided
	Cached      bool          // it was given before, to this question

	allowed bool
	owed    []*Obligation
}

// An Obligation (義務) is what the program has to do when it lets the person act.
type Obligation struct {
	Name   string   // such as mask or max_rows
	Number int      // of rows, minutes or days
	Fields []string // to be masked

	done bool
}

// Acknowledge says that the program does it.
func (o *Obligation) Acknowledge() { o.done = true }

// Obligations are what the program owes when it lets the person act.
func (d *Decision) Obligations() []*Obligation {
	if d == nil {
		return nil
	}
	return slices.Clone(d.owed)
}

// Allowed reports whether the person may act: meibo said so, and every obligation
// was acknowledged. It is false of a nil Decision.
func (d *Decision) Allowed() bool {
	return d != nil && d.allowed && !slices.ContainsFunc(d.owed, func(o *Obligation) bool { return !o.done })
}

// fulfil hands each obligation of an allow to f, and acknowledges those that it
// takes. The first that it does not take is the error.
func (d *Decision) fulfil(f func(*Obligation) error) error {
	for _, o := range d.Obligations() {
		if f == nil {
			return fmt.Errorf("nobody fulfils the obligation %s", o.Name)
		}
		if err := f(o); err != nil {
			return fmt.Errorf("obligation %s: %w", o.Name, err)
		}
		o.Acknowledge()
	}
	return nil
}

// decisionOf reads an answer whose age is already so much. An allow that was not
// recorded under a name, or that carries a reason to deny, is ErrUnclear.
func decisionOf(a *pb.CheckAccessResponse, age time.Duration) (*Decision, error) {
	d := &Decision{
		ID: a.GetDecisionId(), PrimaryCode: a.GetPrimaryCode(), Codes: a.GetCodes(), Advice: a.GetAdvice(), Message: a.GetMessage(),
		Revision: a.GetRevision(), allowed: a.GetAllowed(), owed: obligationsOf(a),
	}
	if d.allowed {
		d.MaxAge = max(0, maxAge(a)-age)
	}
	if a == nil || d.ID == "" || a.MaxAge < 0 || d.allowed && slices.ContainsFunc(append([]string{d.PrimaryCode}, d.Codes...), denies) {
		return nil, ErrUnclear
	}
	return d, nil
}

// denies: of all codes only these stand beside an allow.
func denies(code string) bool { return code != "" && code != "ALLOW" && code != "ALLOW_EMERGENCY" }

// maxAge is for how long an answer may be kept.
func maxAge(a *pb.CheckAccessResponse) time.Duration {
	for _, o := range obligationsOf(a) {
		if o.Name == "no_cache" {
			return 0
		}
	}
	if !a.GetAllowed() {
		return 0
	}
	return time.Duration(a.GetMaxAge()) * time.Second
}
