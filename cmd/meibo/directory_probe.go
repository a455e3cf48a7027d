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
		return err
	}
	found, err := a.probe(source, cfg.Directory)
	var faults *directory.Misconfigured
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	if a.json {
		return errors.Join(a.print(found), err)
	}
	a.showProbe(found)
	if faults != nil {
		for _, p := range faults.Problems {
			a.printf("WRONG     %s: %s\n", p.Field, p.Text)
		}
	}
	return err
}

// A probed is what was found out.
type probed struct {
	directory.Capabilities
	People   int // that a complete reading saw
	Pages    int // that it took
	Seconds  float64
	Proven   bool           // an enabled and a disabled canary were right
	Unfit    map[string]int // entries that cannot be read as people, by what is wrong with them
	NotRead  string         // why not everybody could be read, a code
	Canaries int
}

func (a *app) probe(source *directory.Source, cfg directoryConfig) (probed, error) {
	found := probed{Unfit: map[string]int{}, Canaries: len(cfg.Canaries)}
	var err error
	if found.Capabilities, err = source.Probe(a.ctx); err != nil {
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
	a.printf("mode      %s: %s\n", f.Mode, f.Reason)
	a.printf("readable  %s\n", strings.Join(f.Readable, " | "))
	a.printf("states    %s\n", strings.Join(f.States, " "))
	switch {
	case f.Canaries == 0:
		a.printf("canaries  none: nobody who was disabled is enabled again\n")
	case f.Proven:
		a.printf("canaries  %d, as they should be\n", f.Canaries)
	default:
		a.printf("canaries  %d: not an enabled and a disabled one\n", f.Canaries)
	}
	if f.NotRead != "" {
		a.printf("people    not read: %s\n", f.NotRead)
		return
	}
	a.printf("people    %d in %d pages, %.2f s\n", f.People, f.Pages, f.Seconds)
	for flaw, n := range f.Unfit {
		a.printf("unfit     %d %s\n", n, flaw)
	}
}
