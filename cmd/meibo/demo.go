package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

type demoCmd struct {
	Once     bool   `help:"Tell the story and exit."`
	Database string `help:"A postgres:// URL of an empty database; a SQLite file in a temporary folder when left out."`
}

// Run starts the fictitious city, plays its history, tells the story, and stays
// up to be tried.
func (c *demoCmd) Run(a *app) error {
	folder, err := os.MkdirTemp("", "meibo-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	began := time.Now()
	a.printf("The fictitious city (架空市): 5 companies, 8 contracts, 13 assets, 60 people. Everything runs on this machine.\n")
	h, err := openDemo(a.ctx, demoOptions{folder: folder, database: c.Database, start: demo.Start, directory: true, tree: !demo.SlapdInstalled(), seal: true, log: log})
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.play(a.ctx); err != nil {
		return err
	}
	a.printf("Its history from 2 March to 15 October 2026 was played by %d requests in %.1f s.\n", h.requests, time.Since(began).Seconds())
	if !demo.SlapdInstalled() {
		a.printf("No slapd is installed: a small directory server of the demo's own takes its part (as root: %s).\n", demo.SlapdPackages)
	}
	story := demo.Story{City: h.city, Out: a.stdout}
	if err := story.Tell(a.ctx); err != nil {
		return err
	}
	if c.Once {
		a.printf("\nThe story took %.1f s.\n", time.Since(began).Seconds())
		return h.stop()
	}
	h.invite(a)
	select {
	case <-a.ctx.Done():
	case err := <-h.ended:
		return err
	}
	return h.stop()
}

// demoOptions say what a city is made of.
type demoOptions struct {
	folder, database string
	start            meibo.Instant
	directory        bool // slapd is started
	groups           []groupConfig
	tree             bool              // a server of the demo's own stands in for slapd
	seal             bool              // finished pledges are sealed
	answers          string            // certificates with which the city signs answers
	people           string            // certificates with which people sign their pledges
	changes          map[string]string // certificates with which contractors seal changes
	log              *slog.Logger
}

// A demoHouse is the city with all that runs for it.
type demoHouse struct {
	city       *demo.City
	token      string // the operator's first API key
	folder     string
	grpc, http string
	requests   int
	cancel     context.CancelFunc
	ended      chan error
	closers    []func()
}

// openDemo starts everything. The caller closes it.
func openDemo(ctx context.Context, o demoOptions) (_ *demoHouse, err error) {
	h := &demoHouse{folder: o.folder, ended: make(chan error, 1)}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	c := &demo.City{Clock: demo.NewClock(o.start)}
	if c.Sink, err = demo.StartSink(demo.SinkOptions{}); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() { c.Sink.Stop() })
	if o.directory {
		if c.Directory, err = startDirectory(ctx, o.tree); err != nil {
			return nil, err
		}
		h.closers = append(h.closers, c.Directory.Stop)
	}
	cfg, err := demoConfig(o, c)
	if err != nil {
		return nil, err
	}
	secrets, err := cfg.secrets()
	if err != nil {
		return nil, err
	}
	h.token, err = ledger.Init(ctx, ledger.Options{URL: cfg.database(), Now: c.Clock.Now, Secrets: secrets})
	if err != nil {
		return nil, err
	}
	if err := h.serve(ctx, cfg, c, o.log); err != nil {
		return nil, err
	}
	c.Door, h.city = demo.Door{URL: "http://" + h.http}, c
	if !o.directory {
		return h, nil
	}
	return h, h.followed(ctx)
}

// startDirectory starts slapd with the city's people, or the demo's own server.
func startDirectory(ctx context.Context, tree bool) (*demo.Directory, error) {
	if tree {
		t, err := demo.StartTree(demo.LDIF())
		if err != nil {
			return nil, err
		}
		return t.Directory(), nil
	}
	s, err := demo.StartSlapd(ctx, demo.SlapdOptions{Data: strings.NewReader(demo.LDIF())})
	if err != nil {
		return nil, err
	}
	return s.Directory(), nil
}

// followed waits until the directory was read for the first time: before that
// nothing is granted.
func (h *demoHouse) followed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		var status struct {
			ProvenAt string `json:"proven_at"`
		}
		if err := h.city.Door.Do(ctx, h.token, "GET", "/v1/directory", nil, &status); err != nil || status.ProvenAt != "" {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// play plays the history, and lets the clock run from its end on.
func (h *demoHouse) play(ctx context.Context) error {
	h.city.Door.Heard = func(string, string, []byte, []byte, int) { h.requests++ }
	if err := h.city.Play(ctx, h.token); err != nil {
		return err
	}
	h.city.Door.Heard = nil
	h.city.Clock.Run(demo.AsOf)
	return nil
}

// serve runs the server until it answers.
func (h *demoHouse) serve(ctx context.Context, cfg config, c *demo.City, log *slog.Logger) error {
	ctx, h.cancel = context.WithCancel(ctx)
	up := make(chan struct{})
	go func() {
		h.ended <- run(ctx, cfg, house{
			log: log, now: c.Clock.Now, reflection: true, pause: 50 * time.Millisecond,
			ready: func(grpc, http string) {
				h.grpc, h.http = grpc, http
				close(up)
			},
		})
	}()
	select {
	case <-up:
		return nil
	case err := <-h.ended:
		h.ended <- err
		return err
	}
}

// stop ends the server and waits for it.
func (h *demoHouse) stop() error {
	h.cancel()
	err := <-h.ended
	h.ended <- err
	return err
}

func (h *demoHouse) close() {
	if h.cancel != nil {
		h.stop()
	}
	for _, f := range h.closers {
		f()
	}
}

// demoConfig writes the configuration and keys of the demo into its folder, so
// that every command can be tried on it.
func demoConfig(o demoOptions, c *demo.City) (config, error) {
	secrets, err := ledger.NewSecrets("meibo.city.kakuu.example")
	if err != nil {
		return config{}, err
	}
	files, err := sealFiles("meibo.city.kakuu.example", time.Now())
	if err != nil {
		return config{}, err
	}
	maps.Copy(files, secrets.Files())
	if err := writeNew(filepath.Join(o.folder, "keys"), files); err != nil {
		return config{}, err
	}
	cfg := defaults()
	cfg.Seal.Roots = "keys/seal-root.pem"
	cfg.Seal.AnswerRoots, cfg.Seal.PersonRoots = o.answers, o.people
	cfg.Seal.ChangeRoots = o.changes
	if o.seal {
		cfg.Seal.Certificate, cfg.Seal.Key = "keys/seal.pem", "keys/seal.key"
	}
	cfg.Listen = listenConfig{GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0"}
	if o.database != "" {
		cfg.Database = o.database
	}
	host, port, _ := strings.Cut(c.Sink.Addr, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		return config{}, err
	}
	cfg.Mail = mailConfig{Host: host, Port: number, From: "meibo@city.kakuu.example", HELO: "meibo.city.kakuu.example"}
	if s := c.Directory; s != nil {
		cfg.Directory.URLs, cfg.Directory.BindDN, cfg.Directory.PasswordFile = []string{s.URL}, s.BindDN, s.PasswordFile
		cfg.Directory.Bases = []string{"o=K1," + s.Suffix, "o=K2," + s.Suffix, "o=K3," + s.Suffix, "o=S1," + s.Suffix, "o=S2," + s.Suffix}
		cfg.Directory.Groups = o.groups
		cfg.Directory.EmployerAttribute, cfg.Directory.UnitAttribute = "o", "departmentNumber"
		cfg.Directory.Canaries = []canaryConfig{
			{DN: "cn=canary-enabled,ou=services," + s.Suffix, State: "enabled"},
			{DN: "cn=canary-disabled,ou=services," + s.Suffix, State: "disabled"},
		}
	}
	text, err := yaml.Marshal(cfg)
	if err != nil {
		return config{}, err
	}
	file := filepath.Join(o.folder, "meibo.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return config{}, fmt.Errorf("write configuration: %w", err)
	}
	return readConfig(file)
}

// invite prints what can be tried.
func (h *demoHouse) invite(a *app) {
	c := h.city
	p := demo.People[1]
	q := c.Question(p)
	a.printf(`
The city stays up until Ctrl-C. Its clock runs on from 15 October 2026.

  JSON and AuthZEN  http://%[1]s
  gRPC              %[2]s
  folder            %[3]s   (meibo.yaml, database, keys)

Keys (client, then key):
`, h.http, h.grpc, h.folder)
	for _, client := range []string{"operator", "k1-clerk", "k1-lead", "s1-clerk", "s1-lead", "city-receiver", "city-auditor", "p01"} {
		a.printf("  %-14s %s\n", client, c.Keys[client])
	}
	a.printf(`
Try:

  # %[1]s %[2]s, on C01: allowed
  curl -s http://%[3]s/v1/access:check -H 'Authorization: Bearer %[4]s' -H 'Content-Type: application/json' \
    -d '{"person":"%[5]s","contract":"C01","asset":"A02","action":"view","purpose":"%[6]s"}'

  # the same by OpenID AuthZEN
  curl -s http://%[3]s/access/v1/evaluation -H 'Authorization: Bearer %[4]s' -H 'Content-Type: application/json' \
    -d '{"subject":{"type":"person","id":"%[5]s"},"action":{"name":"view"},"resource":{"type":"asset","id":"A02"},"context":{"contract":"C01","purpose":"%[6]s"}}'

  # the same by gRPC
  grpcurl -plaintext -H 'authorization: Bearer %[4]s' \
    -d '{"person":"%[5]s","contract":"C01","asset":"A02","action":"view","purpose":"Z.CURIOUS"}' %[7]s meibo.v1.AccessService/CheckAccess

  # the command line
  export MEIBO_SERVER=%[7]s MEIBO_KEY=%[8]s
  meibo roster show C01
  MEIBO_CONFIG=%[9]s/meibo.yaml meibo verify
`, p.ID, p.Name, h.http, c.SystemKey(p), q["person"], q["purpose"], h.grpc, c.Keys["k1-clerk"], h.folder)
}
