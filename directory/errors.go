package directory

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// ErrCredentials says that the directory, or what it says of the account, refuses a password. It does not say which.
var ErrCredentials = errors.New("credentials refused")

// Code says why a read is no information: an LDAP result code as a decimal number, or one of the words below. It is
// short and stable, fit for a metric's label.
type Code string

// The words of a Code.
const (
	CodeUnreachable Code = "unreachable" // no server could be connected to
	CodeTLS         Code = "tls"         // the server did not prove itself, or refused StartTLS
	CodePassword    Code = "password"    // the password file could not be read
	CodeCertificate Code = "certificate" // the client certificate could not be read, was not asked for, or is refused
	CodeCut         Code = "cut"         // the connection ended before the answer did
	CodeSilent      Code = "silent"      // the server stopped answering
	CodeCanceled    Code = "canceled"    // the caller gave up
	CodeLate        Code = "late"        // the whole took longer than it may
	CodeMalformed   Code = "malformed"   // an answer was not LDAP, or too large
	CodeLost        Code = "lost"        // fewer entries were handed on than arrived
	CodePaging      Code = "paging"      // a page came without the paging control
	CodeReferral    Code = "referral"    // a part of the tree is held elsewhere
	CodeBase        Code = "base"        // a base is not readable
	CodeSchema      Code = "schema"      // the schema is not readable, or the configuration does not fit it
	CodeQuarantine  Code = "quarantine"  // too many entries were unfit to be read
	CodeCanary      Code = "canary"      // a canary is not what it should be
	CodeBlind       Code = "blind"       // a person who was just seen was not found
	CodeDeaf        Code = "deaf"        // a stream is silent about what its server has changed
	CodeEnded       Code = "ended"       // the server ended a stream
	CodeDrift       Code = "drift"       // a group is not what was written
	CodeMode        Code = "mode"        // the server cannot be followed as it is configured
)

// Incomplete says that an operation gave no information: what was not seen may exist, who was not seen may be there.
// Nothing may be concluded from an absence. It is the one type for all such failures.
type Incomplete struct {
	Code   Code
	Doing  string // what was being done, without personal data: "read page 3 of ou=people,dc=example"
	Err    error  // what the library or the network said; it may name entries
	Canary int    // of CodeCanary, which of the configured ones, from 1; those before it were right
}

// Error says what was being done and why it gave nothing. It does not repeat what the server said of entries.
func (e *Incomplete) Error() string {
	if result, err := strconv.ParseUint(string(e.Code), 10, 16); err == nil {
		if name := ldap.LDAPResultCodeMap[uint16(result)]; name != "" {
			return fmt.Sprintf("%s: %s (LDAP %d)", e.Doing, strings.ToLower(name), result)
		}
		return fmt.Sprintf("%s: LDAP %d", e.Doing, result)
	}
	var faults *Misconfigured
	if errors.As(e.Err, &faults) {
		return e.Doing + ": " + faults.Error()
	}
	if e.Code == CodePassword || e.Code == CodeCertificate { // nothing that names an entry
		return fmt.Sprintf("%s: %s: %v", e.Doing, e.Code, e.Err)
	}
	return e.Doing + ": " + string(e.Code)
}

func (e *Incomplete) Unwrap() error { return e.Err }

// Misconfigured lists all that is wrong with a [Config], by itself or against the server's schema.
type Misconfigured struct {
	Problems []Problem
}

// Problem is one fault of a [Config].
type Problem struct {
	Field string // of Config
	Text  string
}

func (e *Misconfigured) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.Field + ": " + p.Text
	}
	return "directory configuration: " + strings.Join(parts, "; ")
}

// problems collects faults.
type problems []Problem

func (p *problems) add(field, format string, args ...any) {
	*p = append(*p, Problem{field, fmt.Sprintf(format, args...)})
}

// err is nil without faults.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &Misconfigured{Problems: p}
}

// canceled is the Incomplete of a context that ended; nil while it has not.
func canceled(ctx context.Context, doing string) error {
	cause := ctx.Err()
	switch {
	case cause == nil:
		return nil
	case errors.Is(cause, context.DeadlineExceeded):
		return &Incomplete{Code: CodeLate, Doing: doing, Err: cause}
	}
	return &Incomplete{Code: CodeCanceled, Doing: doing, Err: cause}
}

// resultCode is the result code that a server sent, if err is one.
func resultCode(err error) (uint16, bool) {
	var answer *ldap.Error
	if !errors.As(err, &answer) {
		return 0, false
	}
	own := answer.ResultCode >= ldap.ErrorNetwork && answer.ResultCode <= ldap.ErrorMalformedPacket
	return answer.ResultCode, !own
}

func numeric(result uint16) Code { return Code(strconv.Itoa(int(result))) }
