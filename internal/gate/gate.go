package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/meibo-dev/meibo/proto/client"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A Rule is what a proxy's location stands for.
type Rule struct {
	Contract string `yaml:"contract"`
	Asset    string `yaml:"asset"`
	Purpose  string `yaml:"purpose"`
	Zone     string `yaml:"zone"` // network zone in which the proxy stands
	// Actions by HTTP method. A method without one is refused.
	Actions map[string]string `yaml:"actions"`
	// Fulfils are the obligations that the application behind fulfils when it is told
	// of them. With any other the request is refused.
	Fulfils []string `yaml:"fulfils"`
}

// Options say what a gate guards.
type Options struct {
	Client *client.Client
	Rules  map[string]Rule
	// Subject is what the proxy knows people by: person (or empty), login or mail.
	Subject string
	// Principal is what comes before the person's id in the identity of the peer whose
	// certificate Envoy has verified, such as urn:meibo:person: in a URI.
	Principal string
	// Claim is where Envoy keeps the person's id of a token that it has verified: the
	// filter's name, then the keys down to it. It is used where Principal is empty.
	Claim []string
	Log   *slog.Logger
}

// A Gate decides for proxies. It may be used by many goroutines.
type Gate struct {
	opts Options
}

// New makes a gate. Rules that leave something open are refused, all at once.
func New(o Options) (*Gate, error) {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(o.Rules)) {
		r := o.Rules[name]
		for what, value := range map[string]string{"contract": r.Contract, "asset": r.Asset, "purpose": r.Purpose} {
			if value == "" {
				errs = append(errs, fmt.Errorf("rule %s: no %s", name, what))
			}
		}
		if len(r.Actions) == 0 {
			errs = append(errs, fmt.Errorf("rule %s: no method has an action", name))
		}
		for method, action := range r.Actions {
			if method != strings.ToUpper(method) || action == "" {
				errs = append(errs, fmt.Errorf("rule %s: method %q: write GET: view", name, method))
			}
		}
	}
	if _, known := subjects[o.Subject]; !known {
		errs = append(errs, fmt.Errorf("subject %q: person, login or mail", o.Subject))
	}
	if len(o.Rules) == 0 {
		errs = append(errs, errors.New("there is no rule"))
	}
	return &Gate{o}, errors.Join(errs...)
}

// subjects put the person into a question, by what the proxy knows him by.
var subjects = map[string]func(*pb.CheckAccessRequest, string){
	"": byPerson, "person": byPerson,
	"login": func(q *pb.CheckAccessRequest, id string) { q.Login = id },
	"mail":  func(q *pb.CheckAccessRequest, id string) { q.Mail = id },
}

func byPerson(q *pb.CheckAccessRequest, id string) { q.Person = id }

// An ask is what a proxy says of a request.
type ask struct{ rule, person, method string }

// A pass lets a request in.
type pass struct {
	decision    string // its id
	obligations string // of the application, as JSON in ASCII
}

// errRefused says that meibo has denied, or would not know whom to ask about.
var errRefused = errors.New("refused")

// decide asks meibo. Any error refuses; the decision's id is told where there is one.
func (g *Gate) decide(ctx context.Context, a ask) (pass, error) {
	rule, known := g.opts.Rules[a.rule]
	action := rule.Actions[a.method]
	if !known || action == "" || a.person == "" {
		return pass{}, errRefused
	}
	q := &pb.CheckAccessRequest{Contract: rule.Contract, Asset: rule.Asset, Action: action, Purpose: rule.Purpose}
	if rule.Zone != "" {
		q.Circumstances = &pb.Circumstances{Zone: rule.Zone}
	}
	subjects[g.opts.Subject](q, a.person)
	d, err := g.opts.Client.Check(ctx, q)
	if err != nil {
		g.opts.Log.Warn("meibo has not decided", "rule", a.rule, "error", err)
		return pass{}, err
	}
	owed, err := take(d, rule)
	if err != nil || !d.Allowed() {
		return pass{decision: d.ID}, errors.Join(errRefused, err)
	}
	return pass{d.ID, owed}, nil
}

// take acknowledges the obligations that the rule's application fulfils, and
// writes them for it.
func take(d *client.Decision, rule Rule) (string, error) {
	type obligation struct {
		Name   string   `json:"name"`
		Number int      `json:"number,omitempty"`
		Fields []string `json:"fields,omitempty"`
	}
	list := []obligation{}
	for _, o := range d.Obligations() {
		if !slices.Contains(rule.Fulfils, o.Name) {
			return "", fmt.Errorf("nobody fulfils the obligation %s", o.Name)
		}
		list = append(list, obligation{o.Name, o.Number, o.Fields})
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(string(text), func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", errors.New("an obligation cannot be written into a header")
	}
	for _, o := range d.Obligations() {
		o.Acknowledge()
	}
	return string(text), nil
}

// The headers between proxy, gate and application.
const (
	headerRule        = "X-Meibo-Rule"
	headerPerson      = "X-Meibo-Person"
	headerMethod      = "X-Meibo-Method"
	headerDecision    = "X-Meibo-Decision"
	headerObligations = "X-Meibo-Obligations"
)
