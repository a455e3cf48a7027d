package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
)

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
