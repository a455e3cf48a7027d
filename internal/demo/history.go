package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/meibo"
)

//go:embed city.yaml
var master []byte

// Master is the city's master data, as `meibo apply` reads it.
func Master() []byte { return master }

// Work is the standard check of a contract: the system that asks, the main asset
// and a proper purpose.
var Work = map[string]struct{ System, Asset, Purpose, From, Until string }{
	"C01": {"P01", "A02", "U.TAX.RES.ASSESS.INPUT", "2026-04-01", "2027-03-31"},
	"C02": {"P02", "A03", "U.NHI.NOTICE", "2026-05-01", "2026-10-15"},
	"C03": {"P03", "A04", "O.MAINT.PATCH", "2026-04-01", "2029-03-31"},
	"C04": {"P04", "A05", "O.MAINT.PATCH", "2026-04-01", "2027-03-31"},
	"C05": {"P05", "A06", "U.CHILD.ALLOW.INTAKE", "2026-06-01", "2026-11-30"},
	"C06": {"P06", "A08", "N.CALL", "2026-07-01", "2027-02-28"},
	"C07": {"P07", "A07", "O.MAINT.PATCH", "2026-11-01", "2027-03-31"},
	"C08": {"P01", "A02", "U.TAX.RES.ASSESS.INPUT", "2025-04-01", "2026-03-31"},
}

// A City is the fictitious city while its history is played, and afterwards: whom
// to ask as whom.
type City struct {
	Door      Door
	Clock     *Clock
	Sink      *Sink
	Directory *Directory // nil: no directory, pledges are signed on paper

	Keys   map[string]string // API keys by client: operator, k1-clerk, k1-lead, tax-input …
	People map[string]string // ids by E001 …

	requests int
	waiting  map[string][]string // changes that wait, by contract
}

// Start is when the city began to use meibo.
var Start = meibo.InstantOf(time.Date(2026, 3, 2, 9, 0, 0, 0, meibo.JST))

// Play tells the running server the city's history, from the first day to AsOf,
// by the same requests that people and programs make. The outbox must be running,
// and the clock must be the server's.
func (c *City) Play(ctx context.Context, operatorKey string) error {
	if err := c.Begin(ctx, operatorKey); err != nil {
		return err
	}
	for _, chapter := range []struct {
		at   string
		tell func(context.Context) error
	}{
		{"2026-03-10 10:00", c.lastYear},
		{"2026-03-23 10:00", c.taxInMarch},
		{"2026-04-02 10:00", c.taxInApril},
		{"2026-04-06 10:00", c.maintenance},
		{"2026-04-27 10:00", c.insurance},
		{"2026-05-25 10:00", c.allowances},
		{"2026-06-22 10:00", c.callCentre},
		{"2026-09-01 09:00", c.nameChange},
		{"2026-09-03 10:00", c.leaver},
		{"2026-09-15 17:00", c.termination},
		{"2026-09-18 10:00", c.removal},
		{"2026-09-24 10:00", c.withdrawn},
		{"2026-09-29 09:00", c.atWork},
		{"2026-10-01 09:00", c.leave},
		{"2026-10-01 10:00", c.reform},
		{"2026-10-02 10:00", c.resigned},
		{"2026-10-05 10:00", c.returned},
		{"2026-10-08 10:00", c.newest},
		{"2026-10-09 10:00", c.permitted},
		{"2026-10-13 15:00", c.incident},
		{"2026-10-14 16:00", c.yesterday},
		{"2026-10-15 09:30", c.morning},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", chapter.at, meibo.JST)
		if err != nil {
			return err
		}
		c.Clock.Set(meibo.InstantOf(at))
		if err := chapter.tell(ctx); err != nil {
			return fmt.Errorf("play %s: %w", chapter.at, err)
		}
	}
	c.Clock.Set(AsOf)
	return nil
}

// key is a fresh idempotency key.
func (c *City) key() string {
	c.requests++
	return fmt.Sprintf("demo-%d", c.requests)
}

func (c *City) as(ctx context.Context, client, method, path string, body map[string]any, v any) error {
	if method == "POST" && body != nil && path != "/v1/access:check" && !strings.HasSuffix(path, ":plan") && path != "/v1/directory:sync" {
		body["idempotency_key"] = c.key()
	}
	key, known := c.Keys[client]
	if !known {
		return fmt.Errorf("no key of client %s", client)
	}
	if body == nil {
		return c.Door.Do(ctx, key, method, path, nil, v)
	}
	return c.Door.Do(ctx, key, method, path, body, v)
}

// Apply registers master data given as YAML.
func (c *City) Apply(ctx context.Context, file []byte) error {
	var m any
	if err := yaml.Unmarshal(file, &m); err != nil {
		return err
	}
	var plan struct {
		State string `json:"state"`
	}
	if err := c.as(ctx, "operator", "POST", "/v1/master:plan", map[string]any{"master": m}, &plan); err != nil {
		return err
	}
	return c.as(ctx, "operator", "POST", "/v1/master:apply", map[string]any{"master": m, "state": plan.State}, nil)
}

// CreateKey makes a client with an API key.
func (c *City) CreateKey(ctx context.Context, client, organization string, more map[string]any, roles ...string) error {
	var list []map[string]any
	for _, r := range roles {
		list = append(list, map[string]any{"role": r, "contract": "*"})
	}
	body := map[string]any{"client": client, "name": client, "organization": organization, "roles": list, "days": 400}
	for k, v := range more {
		body[k] = v
	}
	var made struct {
		Token string `json:"token"`
	}
	err := c.as(ctx, "operator", "POST", "/v1/keys", body, &made)
	c.Keys[client] = made.Token
	return err
}

// Begin registers the city and gives everybody a key. Nobody works yet.
func (c *City) Begin(ctx context.Context, operatorKey string) error {
	c.Keys, c.People = map[string]string{"operator": operatorKey}, map[string]string{}
	c.waiting = map[string][]string{}
	if err := c.Apply(ctx, master); err != nil {
		return err
	}
	renewed := c.CreateKey(ctx, "operator", "", map[string]any{"name": "", "organization": ""})
	errs := []error{renewed}
	for _, k := range []string{"K1", "K2", "K3", "S1", "S2"} {
		low := strings.ToLower(k)
		errs = append(errs, c.CreateKey(ctx, low+"-clerk", k, nil, "submitter"), c.CreateKey(ctx, low+"-lead", k, nil, "approver"))
	}
	errs = append(errs,
		c.CreateKey(ctx, "city-receiver", "CITY", nil, "city_receiver"),
		c.CreateKey(ctx, "city-approver", "CITY", nil, "city_approver"),
		c.CreateKey(ctx, "city-auditor", "CITY", nil, "auditor"))
	for _, p := range []string{"P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09"} { // P09 is not registered
		errs = append(errs, c.CreateKey(ctx, strings.ToLower(p), "CITY", map[string]any{"system": p}, "system"))
	}
	return errors.Join(errs...)
}
