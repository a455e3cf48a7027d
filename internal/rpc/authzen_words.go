package rpc

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// parts are the members of a request as they stand there. None are there of which
// nothing stands there: null is something.
type parts struct {
	Subject  jsontext.Value `json:"subject"`
	Action   jsontext.Value `json:"action"`
	Resource jsontext.Value `json:"resource"`
	Context  jsontext.Value `json:"context"`
}

// over puts these members over the defaults, each whole.
func (p parts) over(defaults parts) parts {
	for _, x := range []struct{ own, other *jsontext.Value }{
		{&p.Subject, &defaults.Subject}, {&p.Action, &defaults.Action}, {&p.Resource, &defaults.Resource}, {&p.Context, &defaults.Context},
	} {
		if *x.own == nil {
			*x.own = *x.other
		}
	}
	return p
}

// An evaluation is a request. What the protocol requires is a pointer, so that
// what is missing differs from what is empty.
type evaluation struct {
	subject, resource *entity
	action            *action
	context           stated
}

type entity struct {
	Type *string `json:"type"`
	ID   *string `json:"id"`
	// Properties never grant: nothing that a caller says of itself opens anything.
	Properties map[string]jsontext.Value `json:"properties"`
}

type action struct {
	Name       *string                   `json:"name"`
	Properties map[string]jsontext.Value `json:"properties"`
}

// stated is what a request says of its circumstances, in meibo's words.
type stated struct {
	Contract   string         `json:"contract"`
	Purpose    string         `json:"purpose"`
	Zone       string         `json:"zone"`
	Workplace  string         `json:"workplace"`
	Device     string         `json:"device"`
	Mode       string         `json:"mode"`
	AuthLevel  int32          `json:"auth_level"`
	AuthTime   jsontext.Value `json:"auth_time"` // RFC 3339, or seconds since 1970 as in OpenID Connect
	OnBehalfOf string         `json:"on_behalf_of"`
	CaseRef    string         `json:"case_ref"`
	Permit     string         `json:"permit"`
	Recipient  string         `json:"recipient"`
	Medium     string         `json:"medium"`
	Rows       int32          `json:"rows"`
	Reason     string         `json:"reason"`
	Nonce      string         `json:"nonce"`
	AskedAt    jsontext.Value `json:"asked_at"` // as auth_time
	AtLeast    string         `json:"at_least"` // token of a write

	authTime, askedAt meibo.Instant
}

// read finds in the members what meibo knows; others are ignored. wrong names the
// first that has the wrong type.
func (p parts) read() (e evaluation, wrong string) {
	for _, x := range []struct {
		name  string
		value jsontext.Value
		into  any
	}{{"subject", p.Subject, &e.subject}, {"action", p.Action, &e.action}, {"resource", p.Resource, &e.resource}, {"context", p.Context, &e.context}} {
		if x.value != nil && json.Unmarshal(x.value, x.into) != nil {
			return e, x.name + " has the wrong type, or a member of it has"
		}
	}
	var sound bool
	if e.context.authTime, sound = moment(e.context.AuthTime); !sound {
		return e, "context.auth_time is no moment"
	}
	if e.context.askedAt, sound = moment(e.context.AskedAt); !sound {
		return e, "context.asked_at is no moment"
	}
	return e, ""
}

// moment reads a moment that may be left out.
func moment(v jsontext.Value) (meibo.Instant, bool) {
	switch v.Kind() {
	case '"':
		var text string
		if json.Unmarshal(v, &text) != nil {
			return 0, false
		}
		at, err := meibo.ParseInstant(text)
		return at, err == nil
	case '0':
		var seconds int64
		if json.Unmarshal(v, &seconds) != nil {
			return 0, false
		}
		return instantOf(time.Unix(seconds, 0))
	}
	return 0, v == nil || v.Kind() == 'n'
}

// missing names the first member that the protocol requires and the request lacks.
func (e evaluation) missing() string {
	switch {
	case e.subject == nil || e.subject.Type == nil:
		return "subject.type"
	case e.subject.ID == nil:
		return "subject.id"
	case e.action == nil || e.action.Name == nil:
		return "action.name"
	case e.resource == nil || e.resource.Type == nil:
		return "resource.type"
	case e.resource.ID == nil:
		return "resource.id"
	}
	return ""
}

// unfit says why a request cannot be decided on.
func (e evaluation) unfit() string {
	if missing := e.missing(); missing != "" {
		return missing + " is required"
	}
	if field := e.private(); field != "" {
		return field + " holds an Individual Number (MY_NUMBER_REFUSED)"
	}
	return ""
}

// private names the first member that holds an Individual Number, which must not
// come into the record of a decision.
func (e evaluation) private() string {
	c := e.context
	for _, x := range []struct{ name, text string }{
		{"subject.id", *e.subject.ID}, {"resource.id", *e.resource.ID}, {"action.name", *e.action.Name},
		{"context.contract", c.Contract}, {"context.purpose", c.Purpose}, {"context.zone", c.Zone}, {"context.workplace", c.Workplace},
		{"context.device", c.Device}, {"context.mode", c.Mode}, {"context.on_behalf_of", c.OnBehalfOf}, {"context.case_ref", c.CaseRef},
		{"context.permit", c.Permit}, {"context.recipient", c.Recipient}, {"context.medium", c.Medium}, {"context.reason", c.Reason},
		{"context.nonce", c.Nonce},
	} {
		if private(x.name, x.text) {
			return x.name
		}
	}
	return ""
}

// question turns a complete request into meibo's words. Types that meibo does not
// know name nothing: that is a denial, not an error.
func (e evaluation) question() meibo.Question {
	q := e.context.question()
	q.Action = meibo.Action(*e.action.Name)
	q.Naming = meibo.Naming{Subject: meibo.SubjectType(*e.subject.Type), Resource: meibo.ResourceType(*e.resource.Type)}
	switch q.Naming.Subject {
	case meibo.SubjectLogin, meibo.SubjectMail:
		q.Naming.Name = meibo.Personal(*e.subject.ID)
	case "":
		q.Person, q.Naming.Subject = meibo.NoID, meibo.SubjectPerson
	default:
		q.Person = meibo.PersonID(*e.subject.ID)
	}
	if q.Asset = meibo.AssetID(*e.resource.ID); q.Naming.Resource == "" {
		q.Asset, q.Naming.Resource = meibo.NoID, meibo.ResourceAsset
	}
	return q
}

func (s stated) question() meibo.Question {
	return meibo.Question{
		Contract: meibo.ContractID(s.Contract), Purpose: meibo.PurposeCode(s.Purpose),
		Circumstances: meibo.Circumstances{
			Zone: s.Zone, Workplace: s.Workplace, Device: s.Device, Mode: s.Mode, AuthLevel: int(s.AuthLevel), AuthTime: s.authTime,
			OnBehalfOf: meibo.PersonID(s.OnBehalfOf), CaseRef: s.CaseRef, Permit: meibo.PermitID(s.Permit), Recipient: s.Recipient,
			Medium: s.Medium, Rows: int(s.Rows), Reason: s.Reason, Nonce: s.Nonce, AskedAt: s.askedAt,
		},
	}
}

// evaluated is an answer.
type evaluated struct {
	Decision bool              `json:"decision"`
	Context  *evaluatedContext `json:"context,omitempty"`
}

type evaluatedContext struct {
	DecisionID    string             `json:"decision_id,omitempty"`
	PrimaryCode   string             `json:"primary_code,omitempty"`
	Codes         []string           `json:"codes,omitempty"`
	Clauses       []string           `json:"clauses,omitempty"`
	ReasonUser    string             `json:"reason_user,omitempty"`
	Advice        []string           `json:"advice,omitempty"`
	Obligations   []meibo.Obligation `json:"obligations,omitempty"`
	MaxAge        *int               `json:"max_age,omitempty"`
	Revision      int64              `json:"revision,omitempty"`
	RosterVersion int                `json:"roster_version,omitempty"`
	Error         *itemError         `json:"error,omitempty"`
}

// An itemError says why one of several requests could not be understood.
type itemError struct {
	Status  int    `json:"status"`
	Message string `json:"message"`
}

// answerTo says as much of the reasons as the system's registration lets it: some
// clients compare answers to the letter, and reasons tell about people. What the
// system has to do it is always told.
func answerTo(d meibo.Decision) evaluated {
	if d.Answers == meibo.AnswersNone {
		if len(d.Obligations) > 0 {
			return evaluated{d.Allowed, &evaluatedContext{Obligations: d.Obligations}}
		}
		return evaluated{Decision: d.Allowed}
	}
	c := &evaluatedContext{
		DecisionID: string(d.ID), PrimaryCode: d.PrimaryCode, Codes: d.Codes, Clauses: d.Clauses, Advice: d.Advice,
		Obligations: d.Obligations, MaxAge: &d.MaxAge, Revision: d.Revision, RosterVersion: d.RosterVersion,
	}
	if d.Answers == meibo.AnswersFull {
		c.ReasonUser = sentenceFor(d)
	}
	return evaluated{d.Allowed, c}
}
