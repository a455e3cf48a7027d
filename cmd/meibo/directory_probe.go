package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

type dirProbeCmd struct{ configFlag }

// Run asks the directory of the configuration what it can do. It needs no server
// and no database: it belongs to the setting up.
func (c *dirProbeCmd) Run(a *app) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	if len(cfg.Directory.URLs) == 0 {
		return errors.New("no directory is configured")
	}
	d, err := cfg.Directory.source(cfg)
	if err != nil {
		return err
	}
	d.Progress = func(n int) {
		if n%5000 == 0 {
			fmt.Fprintf(a.stderr, "%d people read\n", n)
		}
	}
	source, err := directory.Open(d)
	if err != nil {
		return byKeys(err)
	}
	found, err := a.probe(source, cfg.Directory)
	var faults *directory.Misconfigured
	switch {
	case errors.As(err, &faults):
		found.Wrong = wrongOf(faults)
		err = errors.New("the directory and its configuration do not fit")
	case err != nil:
		return err
	}
	if a.json {
		return errors.Join(a.print(found), err)
	}
	a.showProbe(found)
	return err
}

// A probed is what was found out.
type probed struct {
	URL      string         `json:"url"`
	TLS      string         `json:"tls"`
	Vendor   string         `json:"vendor"`
	Version  string         `json:"version"`
	Account  string         `json:"account"` // as whom the server knows who reads
	Mode     string         `json:"mode"`
	Reason   string         `json:"reason"`
	Controls []string       `json:"controls"`
	Readable []string       `json:"readable"` // subtrees
	States   []string       `json:"states"`   // attributes of an account's state
	Canaries int            `json:"canaries"`
	Proven   bool           `json:"proven"` // an enabled and a disabled canary were right
	People   int            `json:"people"` // that a complete reading saw
	Pages    int            `json:"pages"`  // that it took
	Seconds  float64        `json:"seconds"`
	Unfit    map[string]int `json:"unfit"`    // entries that cannot be read as people, by what is wrong with them
	NotRead  string         `json:"not_read"` // why not everybody could be read, a code
	Wrong    []wrong        `json:"wrong"`
}

// A wrong is a fault of the configuration.
type wrong struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// probe asks the server, and reads everybody.
func (a *app) probe(source *directory.Source, cfg directoryConfig) (probed, error) {
	can, err := source.Probe(a.ctx)
	found := probed{
		URL: can.URL, TLS: can.TLS, Vendor: string(can.Vendor), Version: can.Version, Account: can.Account, Mode: string(can.Mode), Reason: can.Reason,
		Controls: can.Controls, Readable: can.Readable, States: can.States, Canaries: len(cfg.Canaries), Unfit: map[string]int{},
	}
	if err != nil {
		found.NotRead = "misconfigured"
		return found, err
	}
	began := time.Now()
	proof, err := source.Snapshot(a.ctx, func(directory.Object) error { return nil })
	found.People, found.Pages, found.Seconds, found.Proven = proof.Entries, proof.Pages, time.Since(began).Seconds(), proof.Proven
	for _, q := range proof.Quarantined {
		found.Unfit[q.Flaw]++
	}
	found.NotRead = codeOf(err)
	return found, nil
}

func (a *app) showProbe(f probed) {
	encrypted := f.TLS
	if encrypted == "" {
		encrypted = "not encrypted (this machine)"
	}
	a.printf("server    %s  %s %s  %s\n", f.URL, f.Vendor, f.Version, encrypted)
	if f.Account != "" {
		a.printf("account   %s\n", f.Account)
	}
	a.printf("mode      %s: %s\n", f.Mode, f.Reason)
	a.printf("readable  %s\n", strings.Join(f.Readable, " | "))
	a.printf("states    %s\n", strings.Join(f.States, " "))
	switch {
	case f.NotRead != "":
		a.printf("canaries  %d\n", f.Canaries)
	case f.Canaries == 0:
		a.printf("canaries  none: nobody who was disabled is enabled again\n")
	case f.Proven:
		a.printf("canaries  %d, as they should be\n", f.Canaries)
	default:
		a.printf("canaries  %d: not an enabled and a disabled one\n", f.Canaries)
	}
	if f.NotRead != "" {
		a.printf("people    not read: %s\n", f.NotRead)
		for _, w := range f.Wrong {
			a.printf("WRONG     %s: %s\n", w.Key, w.Text)
		}
		return
	}
	a.printf("people    %d in %d pages, %.2f s\n", f.People, f.Pages, f.Seconds)
	for flaw, n := range f.Unfit {
		a.printf("unfit     %d %s\n", n, flaw)
	}
}
